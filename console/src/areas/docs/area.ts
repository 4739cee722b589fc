import type { Area } from '../../lib/areas';
import { offer } from '../../lib/offer.svelte';
import { t } from './texts';

const shown = () => offer.services.some((service) => service.name === 'api_docs');

export const area: Area = {
    routes: [
        { path: '/docs', title: () => t('title'), load: () => import('./Documents.svelte') },
        { path: '/docs/:service', title: () => t('title'), load: () => import('./Playground.svelte') },
    ],
    menu: [{ group: 'build', order: 40, label: () => t('title'), href: '/docs', id: 'docs', shown }],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text) {
                const wanted = text.toLowerCase();
                return offer.services
                    .filter(({ name, label }) => `${name} ${label}`.toLowerCase().includes(wanted))
                    .slice(0, 5)
                    .map(({ name, label }) => ({ label: name, detail: label, href: `/docs/${encodeURIComponent(name)}` }));
            },
        },
    ],
};
