// What deserves a look in the running setup: rules over what the system keeps. Each names what it found and where it is
// mended.

import { ALL_VERBS, verbsOf } from '../../lib/verbs';

export interface AccessRow {
    service_id: number | null;
    component: string | null;
    verb_mask: number;
}

/** What the rules look at; what could not be read is empty. */
export interface Setup {
    apps: { id: number; name: string; is_active: boolean; role_id: number | null }[];
    roles: { id: number; name: string; is_active: boolean; role_service_access_by_role_id: AccessRow[] }[];
    lookups: { id: number; name: string; private: boolean }[];
    cors: { id: number; path: string; origin: string; enabled: boolean; supports_credentials: boolean }[];
    /** Number of the service that keeps the system itself. */
    system: number | undefined;
    /** Where the console was loaded from. */
    location: { protocol: string; hostname: string };
}

export interface Finding {
    rule: keyof typeof RULES;
    /** What was found, by its name. */
    name: string;
    /** Where it is mended. */
    href: string;
}

// Apps of consoles, which every instance has: people log in there and bring their own roles.
const OF_CONSOLES = ['admin', 'api_docs', 'file_manager'];
const SECRET = /pass(word|phrase)?|secret|token|credential|private|api_?key/i;
const LOCAL = /^(localhost|127\.|\[?::1)/;
const WRITES = ALL_VERBS & ~1;

type Found = { name: string; href: string }[];

const grantsAll = (row: AccessRow) => row.service_id === null && row.component === '*' && (row.verb_mask & ALL_VERBS) === ALL_VERBS;

const RULES = {
    'role-everything': ({ roles }: Setup): Found =>
        roles.filter((role) => role.is_active && role.role_service_access_by_role_id.some(grantsAll)).map(({ id, name }) => ({ name, href: `/roles/${id}` })),
    'role-writes-system': ({ roles, system }: Setup): Found =>
        roles
            .filter((role) => role.is_active && role.role_service_access_by_role_id.some((row) => row.service_id === system && system !== undefined && row.component === '*' && (row.verb_mask & WRITES) !== 0))
            .map(({ id, name }) => ({ name, href: `/roles/${id}` })),
    'role-of-key-off': ({ apps, roles }: Setup): Found =>
        apps.filter((app) => app.is_active && roles.some((role) => role.id === app.role_id && !role.is_active)).map(({ id, name }) => ({ name, href: `/apps/${id}` })),
    'key-without-role': ({ apps }: Setup): Found =>
        apps.filter((app) => app.is_active && app.role_id === null && !OF_CONSOLES.includes(app.name)).map(({ id, name }) => ({ name, href: `/apps/${id}` })),
    'role-empty': ({ roles, apps }: Setup): Found =>
        roles
            .filter((role) => role.is_active && !role.role_service_access_by_role_id.some((row) => verbsOf(row.verb_mask).length > 0) && apps.some((app) => app.role_id === role.id && app.is_active))
            .map(({ id, name }) => ({ name, href: `/roles/${id}` })),
    'lookup-readable': ({ lookups }: Setup): Found =>
        lookups.filter((lookup) => !lookup.private && SECRET.test(lookup.name)).map(({ id, name }) => ({ name, href: `/lookups/${id}` })),
    'cors-anybody': ({ cors }: Setup): Found =>
        cors.filter((rule) => rule.enabled && rule.origin === '*' && rule.supports_credentials).map(({ id, path }) => ({ name: path, href: `/cors/${id}` })),
    'no-tls': ({ location }: Setup): Found =>
        location.protocol === 'http:' && !LOCAL.test(location.hostname) ? [{ name: location.hostname, href: '/settings/system' }] : [],
};

/** Everything that was found, in the order of the rules. */
export function advise(setup: Setup): Finding[] {
    return Object.entries(RULES).flatMap(([rule, find]) => find(setup).map((found) => ({ rule: rule as Finding['rule'], ...found })));
}
