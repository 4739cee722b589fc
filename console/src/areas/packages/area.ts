import type { Area } from '../../lib/areas';
import { offer } from '../../lib/offer.svelte';
import { t } from './texts';

export const area: Area = {
    routes: [{ path: '/packages', title: () => t('title'), load: () => import('./Packages.svelte') }],
    menu: [{ group: 'settings', order: 40, label: () => t('title'), href: '/packages', id: 'packages', shown: () => offer.may('GET', 'package') }],
};
