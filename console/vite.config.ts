import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// `npm run dev` shows the console on a running server: DW_SERVER names it.
const server = process.env.DW_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
    plugins: [svelte()],
    build: {
        target: 'es2023',
        sourcemap: false,
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 300,
        reportCompressedSize: true,
        // No data: addresses, which the content security policy allows for images only.
        assetsInlineLimit: 0,
    },
    server: {
        proxy: {
            '^/(api|status|live|ready|up)(/|$|\\?)': server,
            '^/setup$': { target: server, bypass: (request) => (request.method === 'GET' ? request.url : undefined) },
            // What the server is: the JSON that `/` gives to clients that are no browsers.
            '^/$': { target: server, bypass: (request) => (request.headers.accept === 'application/json' ? undefined : request.url) },
        },
    },
    test: { include: ['src/**/*.test.ts'] },
});
