// Whether this instance still waits for its first administrator. Then every address leads to the first run.

import { api } from './api';

interface Environment {
    authentication?: Authentication;
    /** Only there, and true, while there is no administrator. */
    first_run?: boolean;
}

/** How one can log in here, as the server tells anybody. */
export interface Authentication {
    login_attribute: 'email' | 'username';
    allow_open_registration: boolean;
    open_reg_email_service_id?: number | null;
    allow_forever_sessions: boolean;
    oauth: { name: string; label: string; path: string; icon_class?: string | null }[];
    adldap: { name: string; label: string }[];
    saml: { name: string; label: string; path: string; icon_class?: string | null }[];
}

class FirstRun {
    needed = $state(false);
    authentication = $state.raw<Authentication>();

    async ask(): Promise<void> {
        try {
            const environment = await api.get<Environment>('system/environment', undefined, { anonymous: true });
            this.needed = environment.first_run ?? false;
            this.authentication = environment.authentication;
        } catch {
            // The login page tells that nothing answers.
        }
    }
}

export const firstRun = new FirstRun();
