import type { Area } from '../../lib/areas';
import { offer } from '../../lib/offer.svelte';
import { t } from './texts';

const shown = () => offer.may('GET', 'audit');

export const area: Area = {
    routes: [{ path: '/audit', title: () => t('title'), load: () => import('./Audit.svelte') }],
    menu: [{ group: 'observe', order: 20, label: () => t('title'), href: '/audit', id: 'audit', shown }],
};
