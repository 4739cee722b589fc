import { api, type Listed } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { contains } from '../../lib/listing';
import { offer } from '../../lib/offer.svelte';
import { router } from '../../lib/router.svelte';
import type { Service } from './service';
import { t } from './texts';

const shown = () => offer.may('GET', 'service');

export const area: Area = {
    routes: [
        { path: '/services', title: () => t('title'), load: () => import('./ServiceList.svelte') },
        { path: '/services/new', title: () => t('new'), load: () => import('./TypePicker.svelte') },
        { path: '/services/new/:type', title: () => t('new'), load: () => import('./ServiceNew.svelte') },
        { path: '/services/:id', title: () => t('title'), load: () => import('./ServicePage.svelte') },
    ],
    menu: [{ group: 'build', order: 10, label: () => t('title'), href: '/services', id: 'services', shown, key: 's' }],
    commands: [
        { label: () => t('new'), run: () => router.go('/services/new'), shown: () => offer.may('POST', 'service') },
    ],
    finders: [
        {
            label: () => t('title'),
            shown,
            async find(text, signal) {
                const query = { filter: contains(['name', 'label', 'description'], text), limit: 5, fields: 'id,name,label' };
                const { resource } = await api.get<Listed<Service>>('system/service', query, { signal });
                return resource.map((service) => ({ label: service.name, detail: service.label, href: `/services/${service.id}` }));
            },
        },
    ],
};
