import { api, type Listed } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { contains } from '../../lib/listing';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import type { LimitRow } from './limit';
import { t } from './texts';

const shown = () => offer.may('GET', 'limit');

export const area: Area = {
    routes: [
        { path: '/limits', title: () => t('title'), load: () => import('./LimitList.svelte') },
        { path: '/limits/new', title: () => t('new'), load: () => import('./LimitEdit.svelte') },
        { path: '/limits/:id', title: () => t('title'), load: () => import('./LimitEdit.svelte') },
    ],
    menu: [{ group: 'secure', order: 60, label: () => t('title'), href: '/limits', id: 'limits', shown }],
    commands: [{ label: () => t('new'), run: () => router.go('/limits/new'), shown: () => offer.may('POST', 'limit') }],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text, signal) {
                const query = { filter: contains(['name', 'description'], text), limit: 5, fields: 'id,name,description' };
                const { resource } = await api.get<Listed<LimitRow>>('system/limit', query, { signal });
                return resource.map((limit) => ({ label: limit.name, detail: limit.description ?? '', href: `/limits/${limit.id}` }));
            },
        },
    ],
};
