// The types of services for whoever picks one: by group, popular ones first.

import type { ServiceType } from './services';

const ORDER = ['Database', 'Big Data', 'File', 'Remote Service', 'Script', 'Cache', 'Email', 'Notification', 'Log', 'Source Control', 'IoT', 'LDAP', 'OAuth', 'SSO', 'MCP', 'AI'];
const POPULAR = ['pgsql', 'mysql', 'mariadb', 'sqlsrv', 'sqlite', 'oracle', 'mongodb', 'rws', 'local_file', 'aws_s3', 'smtp_email'];
// What every instance has once, and nobody adds.
const OWN = ['System', 'User', 'API Doc'];

const place = (list: string[], name: string) => {
    const index = list.indexOf(name);
    return index < 0 ? list.length : index;
};

/** The groups that have a type that fits the text: in its name, label, description or group. */
export function typeGroups(types: ServiceType[], text = ''): { name: string; types: ServiceType[] }[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (type: ServiceType) => {
        const told = `${type.name} ${type.label} ${type.group} ${type.description}`.toLowerCase();
        return words.every((word) => told.includes(word));
    };
    const fitting = types.filter((type) => !OWN.includes(type.group) && fits(type));
    const names = [...new Set(fitting.map(({ group }) => group))].sort((a, b) => place(ORDER, a) - place(ORDER, b) || a.localeCompare(b));
    return names.map((name) => ({
        name,
        types: fitting
            .filter(({ group }) => group === name)
            .sort((a, b) => place(POPULAR, a.name) - place(POPULAR, b.name) || a.label.localeCompare(b.label)),
    }));
}
