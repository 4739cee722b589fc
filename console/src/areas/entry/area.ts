import type { Area } from '../../lib/areas';
import Login from './Login.svelte';
import { t } from './texts';

export const area: Area = {
    routes: [{ path: '/login', title: () => t('login-title'), load: async () => ({ default: Login }), public: true }],
};
