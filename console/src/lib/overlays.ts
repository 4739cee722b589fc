// What is known of the fields of service types beyond their schemas. Data only: fields that a type does not have are
// ignored, and fields that are not named here appear by the general rules.

import type { Overlay } from './schema';

const MYSQL: Overlay = {
    host: { placeholder: 'db.example.com' },
    port: { placeholder: '3306' },
    unix_socket: { placeholder: '/run/mysqld/mysqld.sock' },
    ssl_mode: { group: 'security' },
    ssl_ca: { group: 'security', placeholder: '-----BEGIN CERTIFICATE-----' },
};

const MAIL: Overlay = {
    host: { placeholder: 'smtp.example.com' },
    port: { placeholder: '587' },
    encryption: { group: 'basics', placeholder: 'tls' },
    from_name: { group: 'basics' },
    from_email: { group: 'basics', placeholder: 'noreply@example.com' },
};

const OVERLAYS: Record<string, Overlay> = {
    pgsql: {
        host: { placeholder: 'db.example.com' },
        port: { placeholder: '5432' },
        sslmode: { group: 'security', choices: ['prefer', 'disable', 'require', 'verify-ca', 'verify-full'] },
        sslrootcert: {
            group: 'security',
            placeholder: '-----BEGIN CERTIFICATE-----',
            show_if: { field: 'sslmode', in: ['verify-ca', 'verify-full'] },
        },
        cache_ttl: { show_if: { field: 'cache_enabled', in: [true] } },
    },
    mysql: { ...MYSQL, cache_ttl: { show_if: { field: 'cache_enabled', in: [true] } } },
    mariadb: { ...MYSQL, cache_ttl: { show_if: { field: 'cache_enabled', in: [true] } } },
    sqlite: { database: { placeholder: 'shop.sqlite' }, cache_ttl: { show_if: { field: 'cache_enabled', in: [true] } } },
    smtp_email: MAIL,
    local_file: { container: { line: true, placeholder: 'app' } },
};

export function overlayOf(type: string): Overlay {
    return OVERLAYS[type] ?? {};
}
