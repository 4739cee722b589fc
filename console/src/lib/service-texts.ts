import { catalogue } from './messages';

/** What several areas say of services and their types. */
export const t = catalogue({
    'name-help': 'Part of every address: {address}',
    'name-empty': 'A name is needed.',
    'name-letters': 'Use small letters, digits, - and _ only.',
    'name-reserved': 'This name belongs to the system.',
    'name-taken': 'There is a service of this name.',
    'needed': 'This is needed.',

    'up': 'up',
    'slow': 'slow',
    'failing': 'failing',
    'off': 'off',
    'unknown': 'not called yet',
    'quiet': 'No calls in the last hour.',

    'group-Database': 'Databases',
    'group-Big Data': 'Big data',
    'group-Email': 'E-mail',
    'group-File': 'Files',
    'group-Remote Service': 'Remote services',
    'group-Script': 'Scripts',
    'group-Cache': 'Caches',
    'group-Notification': 'Notifications',
    'group-Log': 'Logs',
    'group-LDAP': 'Directories',
    'group-OAuth': 'Login with OAuth',
    'group-SSO': 'Single sign-on',
});

/** The name of a group of types for people; of one that is not known here its own. */
export function groupLabel(group: string): string {
    const key = `group-${group}` as 'group-Database';
    const text = t(key);
    return text === key ? group : text;
}
