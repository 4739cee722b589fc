import { api, type Listed } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { contains } from '../../lib/listing';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import type { RoleRow } from './role';
import { t } from './texts';

const shown = () => offer.may('GET', 'role');

export const area: Area = {
    routes: [
        { path: '/roles', title: () => t('title'), load: () => import('./RoleList.svelte') },
        { path: '/roles/new', title: () => t('new'), load: () => import('./RoleEdit.svelte') },
        { path: '/roles/:id', title: () => t('title'), load: () => import('./RoleEdit.svelte') },
    ],
    menu: [{ group: 'secure', order: 10, label: () => t('title'), href: '/roles', id: 'roles', shown, key: 'r' }],
    commands: [{ label: () => t('new'), run: () => router.go('/roles/new'), shown: () => offer.may('POST', 'role') }],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text, signal) {
                const query = { filter: contains(['name', 'description'], text), limit: 5, fields: 'id,name,description' };
                const { resource } = await api.get<Listed<RoleRow>>('system/role', query, { signal });
                return resource.map((role) => ({ label: role.name, detail: role.description ?? '', href: `/roles/${role.id}` }));
            },
        },
    ],
};
