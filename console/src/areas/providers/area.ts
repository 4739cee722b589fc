import type { Area } from '../../lib/areas';
import { offer } from '../../lib/offer.svelte';
import { t } from './texts';

const shown = () => offer.may('GET', 'service') && offer.services.some((service) => service.type === 'user');

export const area: Area = {
    routes: [{ path: '/providers', title: () => t('title'), load: () => import('./Providers.svelte') }],
    menu: [{ group: 'secure', order: 50, label: () => t('title'), href: '/providers', id: 'providers', shown }],
};
