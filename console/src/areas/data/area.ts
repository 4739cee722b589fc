import type { Area } from '../../lib/areas';
import { databases, tableNames } from '../../lib/tables';
import { t } from './texts';

const shown = () => databases().length > 0;

export const area: Area = {
    routes: [
        { path: '/data', title: () => t('title'), load: () => import('./DataPage.svelte') },
        { path: '/data/:service', title: () => t('title'), load: () => import('./DataPage.svelte') },
        { path: '/data/:service/:table', title: () => t('title'), load: () => import('./DataPage.svelte') },
    ],
    menu: [{ group: 'build', order: 20, label: () => t('title'), href: '/data', id: 'data', shown, key: 'd' }],
    finders: [
        {
            label: () => t('tables'),
            shown,
            async find(text) {
                const wanted = text.toLowerCase();
                const lists = await Promise.allSettled(databases().map(async ({ name }) => ({ name, tables: await tableNames(name) })));
                return lists
                    .flatMap((list) => (list.status === 'fulfilled' ? list.value.tables.map((table) => ({ service: list.value.name, table })) : []))
                    .filter(({ table }) => table.toLowerCase().includes(wanted))
                    .slice(0, 5)
                    .map(({ service, table }) => ({ label: table, detail: service, href: `/data/${encodeURIComponent(service)}/${encodeURIComponent(table)}` }));
            },
        },
    ],
};
