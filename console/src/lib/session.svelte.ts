// Who is logged in. The token is kept in memory and, so that a reload does not end the session, in the storage of this
// tab; other tabs of the same origin are asked for it. It never stands in an address.

import { api, useCredentials } from './api';

export interface Person {
    session_token: string;
    id: number;
    name: string | null;
    first_name: string | null;
    last_name: string | null;
    email: string;
    is_sys_admin: boolean;
    role?: string;
    role_id?: number;
    last_login_date: string | null;
    token_expiry_date?: string;
    host?: string;
    /** How this session was got, where it was not by the password of an account here. */
    by?: Outside;
}

/** A directory and the login name in it; or neither, for who came from a provider. */
export interface Outside {
    service?: string;
    name?: string;
}

export interface Login {
    /** E-mail or login name, as the instance wants it. */
    name: string;
    password: string;
    attribute: 'email' | 'username';
    /** Administrators and users log in at different places. */
    as: 'admin' | 'user';
    /** A service that knows the accounts, such as a directory. */
    service?: string;
    remember?: boolean;
}

const KEPT = 'dreamwright.session';

// The key of the app of consoles, which every instance has and every console sends (reference: system.md, apps). It is
// no secret: alone it opens nothing. The roles of restricted administrators are bound to it.
const CONSOLE_KEY = '6498a8ad1beb9d84d63035c5d1120c007fad6de706734db9689f8996707e0f7d';

class Session {
    person = $state<Person>();
    /** Whether the login dialog lies over the page, because the session ended under it. */
    ended = $state(false);
    #waiting: ((renewed: boolean) => void)[] = [];
    #renewal: Promise<boolean> | undefined;
    #tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('dreamwright.session');
    #last: Pick<Login, 'as'> | undefined;

    constructor() {
        useCredentials({ headers: () => this.headers(), renew: () => this.#renew() });
        if (this.#tabs) {
            this.#tabs.onmessage = ({ data }: MessageEvent<{ ask?: true; person?: Person; out?: true }>) => {
                if (data.ask && this.person && !this.ended) this.#tabs?.postMessage({ person: $state.snapshot(this.person) });
                else if (data.person && !this.person) this.#take(data.person);
                else if (data.out) this.#forget();
            };
        }
    }

    get isUser(): boolean {
        return this.person !== undefined && !this.person.is_sys_admin;
    }

    headers(): Record<string, string> {
        if (!this.person) return {};
        return { 'x-dreamfactory-api-key': CONSOLE_KEY, 'x-dreamfactory-session-token': this.person.session_token };
    }

    /** Takes up the session of this tab or of another one, if the server still knows it. */
    async resume(): Promise<void> {
        const kept = this.#kept() ?? (await this.#ask());
        if (!kept) return;
        this.person = kept;
        try {
            const path = kept.is_sys_admin ? 'system/admin/session' : 'user/session';
            const fresh = await api.get<Person>(path, undefined, { anonymous: true, headers: this.headers() });
            this.#take({ ...kept, ...fresh });
        } catch (problem) {
            // An outage is no end of a session.
            if (problem instanceof Error && 'status' in problem && Number(problem.status) >= 400 && Number(problem.status) < 500) this.#forget();
        }
    }

    /** Logs in. Fails with what the server says. */
    async login(login: Login): Promise<Person> {
        const body: Record<string, unknown> = { [login.attribute]: login.name, password: login.password };
        if (login.remember) body.remember_me = true;
        if (login.service) body.service = login.service;
        const path = login.as === 'admin' ? 'system/admin/session' : 'user/session';
        const person = await api.post<Person>(path, body, undefined, { anonymous: true, headers: { 'x-dreamfactory-api-key': CONSOLE_KEY } });
        this.#last = { as: login.as };
        this.#take(login.service ? { ...person, by: { service: login.service, name: login.name } } : person);
        this.#settle(true);
        return person;
    }

    /** Logs in again with the password alone, as the same person. */
    async again(password: string): Promise<void> {
        if (!this.person) return;
        const { service, name } = this.person.by ?? {};
        if (service && name) {
            await this.login({ attribute: 'username', as: 'user', name, password, service });
            return;
        }
        const last = this.#last ?? { as: this.person.is_sys_admin ? ('admin' as const) : ('user' as const) };
        await this.login({ ...last, attribute: 'email', name: this.person.email, password });
    }

    /** Takes over a session that a login provider sent (`by`), or that came with a new password. */
    async adopt(token: string, as: Login['as'] = 'user', by?: Outside): Promise<void> {
        const person = await api.get<Person>(as === 'admin' ? 'system/admin/session' : 'user/session', undefined, {
            anonymous: true,
            headers: { 'x-dreamfactory-api-key': CONSOLE_KEY, 'x-dreamfactory-session-token': token },
        });
        // A new password or profile of the same person changes nothing about where they log in.
        const way = by ?? (this.person?.id === person.id ? this.person.by : undefined);
        this.#take({ ...person, session_token: person.session_token ?? token, ...(way ? { by: way } : {}) });
    }

    /** Ends the session here, in the other tabs, and on the server. */
    async logout(): Promise<void> {
        const headers = this.headers();
        const path = this.isUser ? 'user/session' : 'system/admin/session';
        this.#tabs?.postMessage({ out: true });
        this.#forget();
        try {
            await api.remove(path, undefined, { anonymous: true, headers });
        } catch {
            // The server no longer knew it.
        }
    }

    /** Lengthens the session. */
    async refresh(): Promise<void> {
        const path = this.isUser ? 'user/session' : 'system/admin/session';
        const fresh = await api.put<Person>(path, {});
        if (this.person) this.#take({ ...this.person, ...fresh });
    }

    #take(person: Person) {
        this.person = person;
        this.ended = false;
        try {
            sessionStorage.setItem(KEPT, JSON.stringify(person));
        } catch {
            // It lasts until the page is left.
        }
    }

    #forget() {
        this.person = undefined;
        this.ended = false;
        try {
            sessionStorage.removeItem(KEPT);
        } catch {
            // There was nothing to remove it from.
        }
        this.#settle(false);
    }

    #kept(): Person | undefined {
        try {
            const text = sessionStorage.getItem(KEPT);
            return text ? (JSON.parse(text) as Person) : undefined;
        } catch {
            return undefined;
        }
    }

    #ask(): Promise<Person | undefined> {
        const tabs = this.#tabs;
        if (!tabs) return Promise.resolve(undefined);
        return new Promise((done) => {
            const timer = setTimeout(() => done(undefined), 80);
            tabs.addEventListener('message', ({ data }: MessageEvent<{ person?: Person }>) => {
                if (!data.person) return;
                clearTimeout(timer);
                done(data.person);
            });
            tabs.postMessage({ ask: true });
        });
    }

    /** One dialog for all calls that were refused meanwhile. */
    #renew(): Promise<boolean> {
        if (!this.person) return Promise.resolve(false);
        this.ended = true;
        this.#renewal ??= new Promise<boolean>((done) => this.#waiting.push(done)).finally(() => {
            this.#renewal = undefined;
        });
        return this.#renewal;
    }

    #settle(renewed: boolean) {
        for (const done of this.#waiting.splice(0)) done(renewed);
    }
}

export const session = new Session();
