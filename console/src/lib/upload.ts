// Sending a body so that one sees how much of it is out, which `fetch` does not tell.

/** Like `fetch`, with the bytes sent so far told to `progress`. Fails as `fetch` does: aborted, or without an answer. */
export function fetchWithProgress(url: string, init: RequestInit & { headers: Record<string, string> }, progress: (sent: number) => void): Promise<Response> {
    return new Promise((done, failed) => {
        const request = new XMLHttpRequest();
        request.open(init.method ?? 'GET', url);
        for (const [name, value] of Object.entries(init.headers)) request.setRequestHeader(name, value);
        request.upload.onprogress = ({ loaded }) => progress(loaded);
        request.onload = () => {
            const headers = new Headers();
            for (const line of request.getAllResponseHeaders().trim().split('\r\n')) {
                const colon = line.indexOf(':');
                if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
            }
            const isBodiless = request.status === 204 || request.status === 304;
            done(new Response(isBodiless ? null : request.responseText, { status: request.status, headers }));
        };
        request.onerror = () => failed(new TypeError('The connection ended.'));
        request.onabort = () => failed(new DOMException('It was stopped.', 'AbortError'));
        if (init.signal?.aborted) return failed(new DOMException('It was stopped.', 'AbortError'));
        init.signal?.addEventListener('abort', () => request.abort(), { once: true });
        request.send(init.body as XMLHttpRequestBodyInit | null | undefined);
    });
}
