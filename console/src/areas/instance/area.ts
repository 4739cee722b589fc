import type { Area } from '../../lib/areas';
import { offer } from '../../lib/offer.svelte';
import { t } from './texts';

export const area: Area = {
    routes: [{ path: '/settings/system', title: () => t('title'), load: () => import('./Instance.svelte') }],
    menu: [{ group: 'settings', order: 50, label: () => t('title'), href: '/settings/system', id: 'system', shown: () => offer.may('GET', 'environment') }],
};
