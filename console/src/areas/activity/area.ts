import type { Area } from '../../lib/areas';
import { offer } from '../../lib/offer.svelte';
import { t } from './texts';

const shown = () => offer.may('GET', 'request_log') || offer.may('GET', 'metric');

export const area: Area = {
    routes: [{ path: '/activity', title: () => t('title'), load: () => import('./Activity.svelte') }],
    menu: [{ group: 'observe', order: 10, label: () => t('title'), href: '/activity', id: 'activity', shown }],
};
