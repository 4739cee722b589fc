import { catalogue } from '../../lib/messages';

export const t = catalogue({
    'login-title': 'Log in',
    'email': 'E-mail',
    'username': 'User name',
    'password': 'Password',
    'as-admin': 'I administer this instance',
    'as-user': 'I am a user',
    'as': 'Log in as',
    'setup-title': 'Create the first administrator',
});
