import { api, type Listed } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { contains } from '../../lib/listing';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import { home, type Kind, type PersonRow } from './person';
import { t } from './texts';

const shown = (kind: Kind) => () => offer.may('GET', kind);

function finder(kind: Kind) {
    return {
        label: () => t(`${kind}-title`),
        shown: shown(kind),
        async find(text: string, signal: AbortSignal) {
            const query = { filter: contains(['name', 'email', 'username'], text), limit: 5, fields: 'id,name,email' };
            const { resource } = await api.get<Listed<PersonRow>>(`system/${kind}`, query, { signal });
            return resource.map((person) => ({ label: person.name ?? person.email, detail: person.email, href: `${home(kind)}/${person.id}` }));
        },
    };
}

export const area: Area = {
    routes: [
        { path: '/users', title: () => t('user-title'), load: () => import('./UserList.svelte') },
        { path: '/users/new', title: () => t('user-new'), load: () => import('./UserEdit.svelte') },
        { path: '/users/import', title: () => t('import-user-title'), load: () => import('./UserImport.svelte') },
        { path: '/users/:id', title: () => t('user-title'), load: () => import('./UserEdit.svelte') },
        { path: '/admins', title: () => t('admin-title'), load: () => import('./AdminList.svelte') },
        { path: '/admins/new', title: () => t('admin-new'), load: () => import('./AdminEdit.svelte') },
        { path: '/admins/import', title: () => t('import-admin-title'), load: () => import('./AdminImport.svelte') },
        { path: '/admins/:id', title: () => t('admin-title'), load: () => import('./AdminEdit.svelte') },
    ],
    menu: [
        { group: 'secure', order: 30, label: () => t('user-title'), href: '/users', id: 'users', shown: shown('user'), key: 'u' },
        { group: 'secure', order: 40, label: () => t('admin-title'), href: '/admins', id: 'admins', shown: shown('admin') },
    ],
    commands: [
        { label: () => t('user-new'), run: () => router.go('/users/new'), shown: () => offer.may('POST', 'user') },
        { label: () => t('admin-new'), run: () => router.go('/admins/new'), shown: () => offer.may('POST', 'admin') },
    ],
    finders: [finder('user'), finder('admin')],
};
