import type { Area } from '../../lib/areas';
import { t } from './texts';

export const area: Area = {
    routes: [{ path: '/', title: () => t('title'), load: () => import('./Home.svelte') }],
};
