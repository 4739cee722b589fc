import type { Area } from '../../lib/areas';
import { pageOf } from './paths';
import { fileServices } from './storage';
import { t } from './texts';

const shown = () => fileServices().length > 0;

export const area: Area = {
    routes: [
        { path: '/browse', title: () => t('title'), load: () => import('./Services.svelte') },
        { path: '/browse/:service/*', title: () => t('title'), load: () => import('./Browser.svelte') },
    ],
    menu: [{ group: 'build', order: 60, label: () => t('title'), href: '/browse', id: 'files', shown, key: 'f' }],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text) {
                const wanted = text.toLowerCase();
                return fileServices()
                    .filter(({ name, label }) => `${name} ${label}`.toLowerCase().includes(wanted))
                    .slice(0, 5)
                    .map(({ name, label }) => ({ label: name, detail: label, href: pageOf(name, '') }));
            },
        },
    ],
};
