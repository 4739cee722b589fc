import { api, type Listed } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { contains } from '../../lib/listing';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import { t } from './texts';

const shown = () => offer.may('GET', 'lookup');

export const area: Area = {
    routes: [
        { path: '/lookups', title: () => t('title'), load: () => import('./LookupList.svelte') },
        { path: '/lookups/new', title: () => t('new'), load: () => import('./LookupEdit.svelte') },
        { path: '/lookups/:id', title: () => t('title'), load: () => import('./LookupEdit.svelte') },
    ],
    menu: [{ group: 'settings', order: 10, label: () => t('title'), href: '/lookups', id: 'lookups', shown }],
    commands: [{ label: () => t('new'), run: () => router.go('/lookups/new'), shown: () => offer.may('POST', 'lookup') }],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text, signal) {
                const query = { filter: contains(['name', 'description'], text), limit: 5, fields: 'id,name,description' };
                const { resource } = await api.get<Listed<{ id: number; name: string; description: string | null }>>('system/lookup', query, { signal });
                return resource.map((lookup) => ({ label: lookup.name, detail: lookup.description ?? '', href: `/lookups/${lookup.id}` }));
            },
        },
    ],
};
