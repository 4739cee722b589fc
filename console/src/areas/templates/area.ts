import { api, type Listed } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { contains } from '../../lib/listing';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import type { TemplateRow } from './template';
import { t } from './texts';

const shown = () => offer.may('GET', 'email_template');

export const area: Area = {
    routes: [
        { path: '/templates', title: () => t('title'), load: () => import('./TemplateList.svelte') },
        { path: '/templates/new', title: () => t('new'), load: () => import('./TemplateEdit.svelte') },
        { path: '/templates/:id', title: () => t('title'), load: () => import('./TemplateEdit.svelte') },
    ],
    menu: [{ group: 'settings', order: 20, label: () => t('title'), href: '/templates', id: 'templates', shown }],
    commands: [{ label: () => t('new'), run: () => router.go('/templates/new'), shown: () => offer.may('POST', 'email_template') }],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text, signal) {
                const query = { filter: contains(['name', 'subject', 'description'], text), limit: 5, fields: 'id,name,subject' };
                const { resource } = await api.get<Listed<TemplateRow>>('system/email_template', query, { signal });
                return resource.map((template) => ({ label: template.name, detail: template.subject ?? '', href: `/templates/${template.id}` }));
            },
        },
    ],
};
