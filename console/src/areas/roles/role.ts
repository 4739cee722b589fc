// A role as the server gives it, and what is read with it.

import { api, type Listed } from '../../lib/api';
import type { Lookup } from '../../lib/lookups';
import { offer } from '../../lib/offer.svelte';
import type { StoredGrant } from './access';
import { t } from './texts';

export interface RoleRow {
    id: number;
    name: string;
    description: string | null;
    is_active: boolean;
    last_modified_date: string;
    role_service_access_by_role_id?: StoredGrant[];
    lookup_by_role_id?: Lookup[];
    app_by_role_id?: { id: number; name: string; is_active: boolean }[];
    user_by_user_to_app_to_role?: { id: number; name: string | null; email: string }[];
    user_to_app_to_role_by_role_id?: { id: number; user_id: number; app_id: number }[];
}

const RELATIONS = 'role_service_access_by_role_id,lookup_by_role_id,app_by_role_id,user_by_user_to_app_to_role,user_to_app_to_role_by_role_id';

/** A role with everything that its page shows. */
export function readRole(id: number | string, signal?: AbortSignal): Promise<RoleRow> {
    return api.get(`system/role/${id}`, { related: RELATIONS }, signal ? { signal } : {});
}

/** The users of a role, once each. */
export function usersOf(role: RoleRow): { id: number; name: string | null; email: string }[] {
    return [...new Map((role.user_by_user_to_app_to_role ?? []).map((user) => [user.id, user])).values()];
}

/** What depends on roles, in words. */
export async function dependants(ids: number[]): Promise<string[]> {
    const roles = await Promise.all(ids.map((id) => readRole(id)));
    const limits = offer.may('GET', 'limit')
        ? (await api.get<Listed<{ id: number }>>('system/limit', { filter: `role_id in (${ids.join(',')})`, fields: 'id' })).resource.length
        : 0;
    const keys = roles.reduce((sum, role) => sum + (role.app_by_role_id?.length ?? 0), 0);
    const users = roles.reduce((sum, role) => sum + usersOf(role).length, 0);
    return [
        ...(keys ? [t('count-keys', { count: keys })] : []),
        ...(users ? [t('count-users', { count: users })] : []),
        ...(limits ? [t('count-limits', { count: limits })] : []),
    ];
}
