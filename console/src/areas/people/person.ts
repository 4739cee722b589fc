// Users and administrators: two resources of the same shape.

import type { Lookup } from '../../lib/lookups';
import { ownedChanges, type Owned } from '../../lib/owned';

export type Kind = 'user' | 'admin';

export interface Assignment extends Owned {
    app_id: number;
    role_id: number;
}

export interface Custom extends Owned {
    name: string;
    value: string;
}

export interface PersonRow {
    id: number;
    name: string | null;
    first_name: string | null;
    last_name: string | null;
    email: string;
    username: string | null;
    phone: string | null;
    is_active: boolean;
    confirmed: boolean;
    expired: boolean;
    last_login_date: string | null;
    default_app_id: number | null;
    security_question: string | null;
    oauth_provider?: string | null;
    adldap?: string | null;
    saml?: string | null;
    user_to_app_to_role_by_user_id?: (Assignment & { id: number })[];
    role_by_user_to_app_to_role?: { id: number; name: string; description: string | null }[];
    lookup_by_user_id?: Lookup[];
    user_custom_by_user_id?: { id: number; name: string; value: unknown }[];
}

/** Parts of the console that an administrator can be restricted to. */
export const PARTS = ['apps', 'users', 'services', 'apidocs', 'schema/data', 'files', 'scripts', 'config', 'packages', 'limits', 'scheduler'] as const;
export type Part = (typeof PARTS)[number];

export const SHORTEST_PASSWORD = 16;

/** Where an account comes from, if not from here. */
export function provider(person: PersonRow): string | undefined {
    return person.oauth_provider ?? person.adldap ?? person.saml ?? undefined;
}

export function home(kind: Kind): string {
    return kind === 'user' ? '/users' : '/admins';
}

/** Custom values as text, as forms hold them. */
export function customOf(person: PersonRow): Custom[] {
    return (person.user_custom_by_user_id ?? []).map(({ id, name, value }) => ({ id, name, value: typeof value === 'string' ? value : JSON.stringify(value) }));
}

export function assignmentsOf(person: PersonRow): Assignment[] {
    return (person.user_to_app_to_role_by_user_id ?? []).map(({ id, app_id, role_id }) => ({ id, app_id, role_id }));
}

/** What a form holds of a person. */
export interface PersonForm {
    email: string;
    first_name: string | null;
    last_name: string | null;
    name: string | null;
    username: string | null;
    phone: string | null;
    is_active: boolean;
    default_app_id: number | null;
    security_question: string | null;
    security_answer: string;
    password: string;
    assignments: Assignment[];
    lookups: Lookup[];
    custom: Custom[];
    restricted: boolean;
    parts: Part[];
}

export function emptyPerson(): PersonForm {
    return {
        email: '', first_name: '', last_name: '', name: '', username: '', phone: '', is_active: true, default_app_id: null,
        security_question: '', security_answer: '', password: '', assignments: [], lookups: [], custom: [], restricted: false, parts: [],
    };
}

/** What is sent of a form: its own fields that changed, and what lives inside the record. */
export function personBody(now: PersonForm, stored: PersonForm, changes: Partial<PersonForm>): Record<string, unknown> {
    const { assignments: _, lookups: __, custom: ___, restricted, parts, ...own } = changes;
    const owned = {
        user_to_app_to_role_by_user_id: ownedChanges(now.assignments, stored.assignments, 'user_id'),
        lookup_by_user_id: ownedChanges(now.lookups, stored.lookups, 'user_id'),
        user_custom_by_user_id: ownedChanges(now.custom, stored.custom, 'user_id').map((row) => ('value' in row ? { ...row, value: customValue(String(row.value)) } : row)),
    };
    const restriction = restricted === undefined && parts === undefined ? {} : { is_restricted_admin: now.restricted, access_by_tabs: now.restricted ? now.parts : [] };
    return { ...own, ...restriction, ...Object.fromEntries(Object.entries(owned).filter(([, rows]) => rows.length > 0)) };
}

/** A custom value as it is stored: lists and objects where the text is one. */
export function customValue(text: string): unknown {
    if (!/^\s*[[{]/.test(text)) return text;
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
