import type { Area } from '../../lib/areas';
import { databases } from '../../lib/tables';
import { t } from './texts';

const shown = () => databases().length > 0;

export const area: Area = {
    routes: [
        { path: '/schema', title: () => t('title'), load: () => import('./SchemaList.svelte') },
        { path: '/schema/:service', title: () => t('title'), load: () => import('./SchemaPage.svelte') },
    ],
    menu: [{ group: 'build', order: 30, label: () => t('title'), href: '/schema', id: 'schema', shown }],
};
