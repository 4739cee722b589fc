// Whether this instance still waits for its first administrator. Then every address leads to the first run.

import { api, whoAnswers } from './api';

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
    oauth: LoginService[];
    adldap: LoginService[];
    saml: LoginService[];
}

/** A service that knows who somebody is: a provider, a directory. */
export interface LoginService {
    name: string;
    label: string;
    /** Below the API. */
    path: string;
}

class FirstRun {
    needed = $state(false);
    authentication = $state.raw<Authentication>();
    /** Path of the API, known together with the above. */
    api = $state('');

    async ask(): Promise<void> {
        try {
            const environment = await api.get<Environment>('system/environment', undefined, { anonymous: true });
            this.needed = environment.first_run ?? false;
            this.api = (await whoAnswers()).api;
            this.authentication = environment.authentication;
        } catch {
            // The login page tells that nothing answers.
        }
    }
}

export const firstRun = new FirstRun();
