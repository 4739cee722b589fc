import type { Area } from '../../lib/areas';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import { t } from './texts';

const shown = () => offer.may('POST', 'service') && offer.may('POST', 'role') && offer.may('POST', 'app');

export const area: Area = {
    routes: [{ path: '/new', title: () => t('title'), load: () => import('./NewApi.svelte') }],
    commands: [{ label: () => t('command'), run: () => router.go('/new'), shown }],
};
