import type { Area } from '../../lib/areas';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import { t } from './texts';

const shown = () => offer.may('GET', 'cors');

export const area: Area = {
    routes: [
        { path: '/cors', title: () => t('title'), load: () => import('./CorsList.svelte') },
        { path: '/cors/new', title: () => t('new'), load: () => import('./CorsEdit.svelte') },
        { path: '/cors/:id', title: () => t('title'), load: () => import('./CorsEdit.svelte') },
    ],
    menu: [{ group: 'secure', order: 70, label: () => t('title'), href: '/cors', id: 'cors', shown }],
    commands: [{ label: () => t('new'), run: () => router.go('/cors/new'), shown: () => offer.may('POST', 'cors') }],
};
