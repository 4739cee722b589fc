import type { Area } from '../../lib/areas';
import './arrival';
import Login from './Login.svelte';
import Setup from './Setup.svelte';
import { t } from './texts';

export const area: Area = {
    routes: [
        { path: '/login', title: () => t('login-title'), load: async () => ({ default: Login }), public: true },
        { path: '/setup', title: () => t('setup-title'), load: async () => ({ default: Setup }), public: true },
        { path: '/forgot', title: () => t('forgot-title'), load: () => import('./Forgot.svelte'), public: true },
        { path: '/confirm/:purpose', title: () => t('reset-title'), load: () => import('./Confirm.svelte'), public: true },
        { path: '/register', title: () => t('register-title'), load: () => import('./Register.svelte'), public: true },
        { path: '/profile', title: () => t('profile-title'), load: () => import('./Profile.svelte') },
    ],
};
