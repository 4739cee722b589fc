// An app: an API key with a name and perhaps a role.

export interface App {
    id: number;
    name: string;
    description: string | null;
    is_active: boolean;
    api_key: string;
    role_id: number | null;
    type: number;
    url: string | null;
    path: string | null;
    storage_service_id: number | null;
    storage_container: string | null;
    launch_url: string;
    created_date: string;
    last_modified_date: string;
    role_by_role_id?: { id: number; name: string } | null;
}

/** Where an app is kept, by the numbers of the API. */
export const TYPES = { none: 0, storage: 1, url: 2, path: 3 } as const;

/** The beginning and the end of a key, enough to know it again. */
export function shortened(key: string): string {
    return key.length > 12 ? `${key.slice(0, 4)}…${key.slice(-4)}` : key;
}
