import { api, type Listed } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { contains } from '../../lib/listing';
import { offer } from '../../lib/offer.svelte';
import { t } from './texts';

const shown = () => offer.may('GET', 'event_script');

export const area: Area = {
    routes: [
        { path: '/scripts', title: () => t('title'), load: () => import('./Scripts.svelte') },
        { path: '/scripts/:name', title: () => t('title'), load: () => import('./ScriptEdit.svelte') },
    ],
    menu: [{ group: 'build', order: 50, label: () => t('title'), href: '/scripts', id: 'scripts', shown }],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text, signal) {
                const { resource } = await api.get<Listed<{ name: string; type: string }>>('system/event_script', { filter: contains(['name'], text), limit: 5, fields: 'name,type' }, { signal });
                return resource.map(({ name, type }) => ({ label: name, detail: type, href: `/scripts/${encodeURIComponent(name)}` }));
            },
        },
    ],
};
