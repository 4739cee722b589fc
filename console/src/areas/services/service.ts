// A service as the system keeps it, and what depends on it.

import { api } from '../../lib/api';
import type { Values } from '../../lib/schema';
import { t } from './texts';

export interface Service {
    id: number;
    name: string;
    label: string;
    description: string | null;
    is_active: boolean;
    type: string;
    mutable: boolean;
    deletable: boolean;
    config: Values | [];
    created_date: string;
    last_modified_date: string;
}

/** What stops working without a service, such as "2 roles". */
export async function dependants(id: number): Promise<string[]> {
    const found = await api.get<{ role_by_role_service_access: { id: number }[]; app_by_storage_service_id: unknown[] }>(`system/service/${id}`, {
        related: 'role_by_role_service_access,app_by_storage_service_id',
    });
    const roles = new Set(found.role_by_role_service_access.map((role) => role.id)).size;
    const apps = found.app_by_storage_service_id.length;
    return [...(roles > 0 ? [t('dependant-roles', { count: roles })] : []), ...(apps > 0 ? [t('dependant-apps', { count: apps })] : [])];
}
