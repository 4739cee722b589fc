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

const FOLDER: Overlay = { container: { line: true, placeholder: '/srv/files' } };

const SOURCE_CONTROL: Overlay = { token: { group: 'basics', secret: true } };

const OAUTH: Overlay = { client_secret: { secret: true }, redirect_url: { placeholder: 'https://api.example.com/api/v2/google/sso' } };

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
    mailgun_email: { key: { secret: true } },
    cache_redis: { host: { placeholder: 'redis.example.com' }, password: { secret: true } },
    cache_memcached: { host: { placeholder: 'memcached.example.com' } },
    ftp_file: { ...FOLDER, host: { placeholder: 'ftp.example.com' }, password: { group: 'basics', secret: true } },
    sftp_file: {
        ...FOLDER,
        host: { placeholder: 'files.example.com' },
        password: { group: 'basics', secret: true },
        private_key: { group: 'security', placeholder: '-----BEGIN OPENSSH PRIVATE KEY-----' },
        host_fingerprint: { group: 'security', line: true, placeholder: 'SHA256:…' },
    },
    webdav_file: { ...FOLDER, base_uri: { placeholder: 'https://files.example.com/dav' }, password: { group: 'basics', secret: true } },
    rws: {
        base_url: { line: true, placeholder: 'https://api.example.com/v1' },
        cache_ttl: { show_if: { field: 'cache_enabled', in: [true] } },
    },
    soap: {
        wsdl: { group: 'basics', placeholder: 'https://api.example.com/service?wsdl' },
        cache_ttl: { show_if: { field: 'cache_enabled', in: [true] } },
    },
    github: SOURCE_CONTROL,
    gitlab: SOURCE_CONTROL,
    bitbucket: SOURCE_CONTROL,
    oauth_facebook: OAUTH,
    oauth_github: OAUTH,
    oauth_google: OAUTH,
    oauth_linkedin: OAUTH,
    'oauth_microsoft-live': OAUTH,
    oauth_twitter: OAUTH,
    oauth_bitbucket: OAUTH,
    oauth_azure_ad: OAUTH,
    oauth_salesforce: OAUTH,
    oidc: OAUTH,
    heroku_addon_sso: { secret: { secret: true } },
    local_file: { container: { line: true, placeholder: 'app' } },
};

export function overlayOf(type: string): Overlay {
    return OVERLAYS[type] ?? {};
}
