import type { Area } from '../../lib/areas';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import { t } from './texts';

const shown = () => offer.may('GET', 'role');

export const area: Area = {
    routes: [{ path: '/simulator', title: () => t('title'), load: () => import('./Simulator.svelte') }],
    menu: [{ group: 'secure', order: 15, label: () => t('menu'), href: '/simulator', id: 'simulator', shown }],
    commands: [{ label: () => t('title'), run: () => router.go('/simulator'), shown }],
};
