import { api, type Listed } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { contains } from '../../lib/listing';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import type { App } from './app';
import { t } from './texts';

const shown = () => offer.may('GET', 'app');

export const area: Area = {
    routes: [
        { path: '/apps', title: () => t('title'), load: () => import('./AppList.svelte') },
        { path: '/apps/new', title: () => t('new'), load: () => import('./AppEdit.svelte') },
        { path: '/apps/:id', title: () => t('title'), load: () => import('./AppEdit.svelte') },
    ],
    menu: [{ group: 'secure', order: 20, label: () => t('title'), href: '/apps', id: 'apps', shown, key: 'k' }],
    commands: [{ label: () => t('new'), run: () => router.go('/apps/new'), shown: () => offer.may('POST', 'app') }],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text, signal) {
                const query = { filter: contains(['name', 'description'], text), limit: 5, fields: 'id,name,description' };
                const { resource } = await api.get<Listed<App>>('system/app', query, { signal });
                return resource.map((app) => ({ label: app.name, detail: app.description ?? '', href: `/apps/${app.id}` }));
            },
        },
    ],
};
