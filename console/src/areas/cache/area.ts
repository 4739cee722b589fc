import { api } from '../../lib/api';
import type { Area } from '../../lib/areas';
import { asError } from '../../lib/load.svelte';
import { offer } from '../../lib/offer.svelte';
import { toasts } from '../../lib/toasts.svelte';
import { t } from './texts';

const may = () => offer.may('DELETE', 'cache');

export const area: Area = {
    routes: [{ path: '/cache', title: () => t('title'), load: () => import('./Cache.svelte') }],
    menu: [{ group: 'settings', order: 30, label: () => t('title'), href: '/cache', id: 'cache', shown: () => offer.may('GET', 'cache') }],
    commands: [
        {
            label: () => t('flush-all'),
            shown: may,
            async run() {
                try {
                    await api.remove('system/cache');
                    toasts.success(t('flushed-all'));
                } catch (problem) {
                    toasts.error(asError(problem).message);
                }
            },
        },
    ],
};
