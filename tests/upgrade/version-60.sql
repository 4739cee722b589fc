-- A system database of schema version 60, with rows in every table: the one of version 50, as the program of version 60
-- left it (APP_KEY: base64 of the bytes 0 to 31; JWT_SECRET: "the secret of the upgrade fixture"). Never changed; a
-- later version adds a file of its own.
BEGIN TRANSACTION;
CREATE TABLE "app" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "name_key" TEXT NOT NULL, "api_key" TEXT NOT NULL, "description" TEXT, "is_active" BOOLEAN NOT NULL, "type" INTEGER NOT NULL, "path" TEXT, "url" TEXT, "storage_service_id" INTEGER, "storage_container" TEXT, "requires_fullscreen" BOOLEAN NOT NULL, "allow_fullscreen_toggle" BOOLEAN NOT NULL, "toggle_location" TEXT NOT NULL, "role_id" INTEGER, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "app" VALUES(1,'admin','admin','6498a8ad1beb9d84d63035c5d1120c007fad6de706734db9689f8996707e0f7d',NULL,1,3,'dreamfactory/dist/index.html',NULL,NULL,NULL,0,1,'top',NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "app" VALUES(2,'api_docs','api_docs','36fda24fe5588fa4285ac6c6c2fdfbdb6b6bc9834699774c9bf777f706d05a88',NULL,1,3,'df-api-docs-ui/dist/index.html',NULL,NULL,NULL,0,1,'top',NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "app" VALUES(3,'file_manager','file_manager','b5cb82af7b5d4130f36149f90aa2746782e59a872ac70454ac188743cb55b0ba',NULL,1,3,'filemanager/index.html',NULL,NULL,NULL,0,1,'top',NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "app" VALUES(4,'shop app','shop app','84c04cf1c1a14a1ca6e415e4348e0275507bab832a114638361125824f464baa',NULL,1,0,NULL,NULL,NULL,NULL,0,1,'top',1,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
CREATE TABLE "audit" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "created_date" TEXT NOT NULL, "kind" TEXT NOT NULL, "action" TEXT NOT NULL, "user_id" INTEGER, "user_email" TEXT, "app_id" INTEGER, "role_id" INTEGER, "address" TEXT, "origin" TEXT, "verb" TEXT, "service" TEXT, "path" TEXT, "status" INTEGER, "message" TEXT, "resource" TEXT, "record_id" INTEGER, "before" TEXT, "after" TEXT, "times" INTEGER NOT NULL);
INSERT INTO "audit" VALUES(1,'2026-11-21T22:03:06.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','service',NULL,NULL,'service',8,NULL,'{"name":"vault","label":"Vault","description":null,"is_active":1,"type":"pgsql","config":{"host":"db.example.com","port":null,"database":"x","schema":null,"charset":null,"sslmode":null,"sslrootcert":null,"timezone":null,"application_name":null,"options":null,"attributes":null,"statements":null,"allow_upsert":false,"max_records":1000,"cache_enabled":false,"cache_ttl":0},"secrets":"**********"}',1);
INSERT INTO "audit" VALUES(2,'2026-11-21T22:03:06.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','service',NULL,NULL,'service_doc',1,NULL,'{"format":0,"content":"{}","service_id":8}',1);
INSERT INTO "audit" VALUES(3,'2026-11-21T22:03:06.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','service',NULL,NULL,'service',9,NULL,'{"name":"shop","label":"Shop","description":null,"is_active":1,"type":"sqlite","config":{"database":"shop.sqlite","options":null,"attributes":null,"statements":null,"allow_upsert":false,"max_records":1000,"cache_enabled":false,"cache_ttl":0},"secrets":null}',1);
INSERT INTO "audit" VALUES(4,'2026-11-21T22:03:06.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','role',NULL,NULL,'role',1,NULL,'{"name":"reader","description":null,"is_active":1}',1);
INSERT INTO "audit" VALUES(5,'2026-11-21T22:03:06.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','role',NULL,NULL,'role_service_access',1,NULL,'{"service_id":9,"component":"_table/*","verb_mask":1,"requestor_mask":3,"filters":[{"name":"region","operator":"=","value":"{user.id}"}],"filter_op":"AND","role_id":1}',1);
INSERT INTO "audit" VALUES(6,'2026-11-21T22:03:06.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','role',NULL,NULL,'lookup',1,NULL,'{"name":"region","value":"**********","private":0,"description":null,"app_id":null,"role_id":1,"user_id":null}',1);
INSERT INTO "audit" VALUES(7,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','app',NULL,NULL,'app',4,NULL,'{"name":"shop app","api_key":"**********","description":null,"is_active":1,"type":0,"path":null,"url":null,"storage_service_id":null,"storage_container":null,"requires_fullscreen":0,"allow_fullscreen_toggle":1,"toggle_location":"top","role_id":1}',1);
INSERT INTO "audit" VALUES(8,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','user',NULL,NULL,'user',2,NULL,'{"name":"Ann Lee","username":"ann@example.com","ldap_username":null,"first_name":"Ann","last_name":"Lee","email":"ann@example.com","password":"**********","is_active":1,"phone":null,"security_question":"Pet?","security_answer":"**********","default_app_id":null,"is_sys_admin":0}',1);
INSERT INTO "audit" VALUES(9,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','user',NULL,NULL,'user_to_app_to_role',1,NULL,'{"user_id":2,"app_id":4,"role_id":1}',1);
INSERT INTO "audit" VALUES(10,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','user',NULL,NULL,'user_custom',1,NULL,'{"name":"theme","value":"**********","user_id":2}',1);
INSERT INTO "audit" VALUES(11,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','user',NULL,NULL,'user',3,NULL,'{"name":"bob","username":"bob@example.com","ldap_username":null,"first_name":null,"last_name":null,"email":"bob@example.com","password":"**********","is_active":1,"phone":null,"security_question":null,"security_answer":null,"default_app_id":null,"is_sys_admin":0}',1);
INSERT INTO "audit" VALUES(12,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','lookup',NULL,NULL,'lookup',2,NULL,'{"name":"secret","value":"**********","private":1,"description":null,"app_id":null,"role_id":null,"user_id":null}',1);
INSERT INTO "audit" VALUES(13,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','lookup',NULL,NULL,'lookup',3,NULL,'{"name":"open","value":"**********","private":0,"description":null,"app_id":null,"role_id":null,"user_id":null}',1);
INSERT INTO "audit" VALUES(14,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','custom',NULL,NULL,'system_custom',1,NULL,'{"name":"colour","value":"**********"}',1);
INSERT INTO "audit" VALUES(15,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','cors',NULL,NULL,'cors',1,NULL,'{"path":"*","description":null,"origin":"https://example.com","header":null,"exposed_header":null,"method":1,"max_age":0,"supports_credentials":0,"enabled":1}',1);
INSERT INTO "audit" VALUES(16,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','email_template',NULL,NULL,'email_template',4,NULL,'{"name":"Hello","description":null,"to":null,"cc":null,"bcc":null,"subject":"Hi","attachment":null,"body_text":"Hello {first_name}","body_html":null,"from_name":null,"from_email":null,"reply_to_name":null,"reply_to_email":null}',1);
INSERT INTO "audit" VALUES(17,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','event_script',NULL,NULL,'event_script',1,NULL,'{"name":"shop._table.get.pre_process","type":"nodejs","is_active":0,"allow_event_modification":0,"content":"1","config":null,"storage_service_id":null,"storage_path":null,"scm_repository":null,"scm_reference":null}',1);
INSERT INTO "audit" VALUES(18,'2026-11-21T22:03:07.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','limit',NULL,NULL,'limit',1,NULL,'{"name":"per minute","description":null,"is_active":1,"type":"instance.user","user_id":2,"role_id":null,"service_id":null,"endpoint":null,"verb":null,"key_text":"instance.user:2.minute","rate":10,"period":0}',1);
INSERT INTO "audit" VALUES(19,'2026-11-21T22:03:08.000000Z','refusal','refused',NULL,NULL,NULL,NULL,'127.0.0.1','api','GET','shop','_table/t',400,'No session token (JWT) or API Key detected in request. Please send in X-DreamFactory-Session-Token and/or X-DreamFactory-API-Key request header. You can also use URL query parameters session_token and/or api_key.',NULL,NULL,NULL,NULL,1);
INSERT INTO "audit" VALUES(20,'2026-11-22T05:24:51.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','scheduler',NULL,NULL,'scheduler_task',1,NULL,'{"name":"nightly","description":null,"is_active":0,"service_id":9,"component":"_table","verb_mask":1,"frequency":1440,"payload":null,"app_id":null,"user_id":null}',1);
INSERT INTO "audit" VALUES(21,'2026-11-22T05:24:53.000000Z','refusal','refused',NULL,NULL,NULL,NULL,'127.0.0.1','api','POST','user','session',401,'Invalid credentials supplied.',NULL,NULL,NULL,NULL,1);
INSERT INTO "audit" VALUES(22,'2026-11-22T09:41:14.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','PATCH','system','role/1',NULL,NULL,'role_adldap',1,NULL,'{"dn":"cn=readers,dc=example,dc=com","role_id":1}',1);
INSERT INTO "audit" VALUES(23,'2026-11-22T09:41:14.000000Z','change','create',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','POST','system','service',NULL,NULL,'service',10,NULL,'{"name":"corp","label":"Corp","description":null,"is_active":true,"type":"oidc","config":{"default_role":null,"discovery_document":null,"auth_endpoint":"https://login.example.com/authorize","token_endpoint":"http://127.0.0.1:34635/token","user_endpoint":"http://127.0.0.1:34635/user","validate_id_token":false,"jwks_uri":null,"scopes":"openid email","client_id":"c","redirect_url":"http://127.0.0.1:18777/api/v2/corp/sso","icon_class":null,"app_role_map":null,"allow_new_users":true},"secrets":"**********"}',1);
INSERT INTO "audit" VALUES(24,'2026-11-22T09:41:14.000000Z','change','create',NULL,NULL,NULL,NULL,'127.0.0.1','api','POST','user','session',NULL,NULL,'user',4,NULL,'{"name":"Bea Ott","username":"bea+corp@example.com","ldap_username":null,"first_name":"Bea","last_name":"Ott","email":"bea+corp@example.com","password":null,"is_active":true,"phone":null,"security_question":null,"security_answer":null,"default_app_id":null,"is_sys_admin":false}',1);
INSERT INTO "audit" VALUES(25,'2026-11-22T09:41:14.000000Z','change','update',1,'admin@example.com',NULL,NULL,'127.0.0.1','api','PATCH','system','service/10',NULL,NULL,'service',10,'{"config":{"default_role":null,"discovery_document":null,"auth_endpoint":"https://login.example.com/authorize","token_endpoint":"http://127.0.0.1:34635/token","user_endpoint":"http://127.0.0.1:34635/user","validate_id_token":false,"jwks_uri":null,"scopes":"openid email","client_id":"c","redirect_url":"http://127.0.0.1:18777/api/v2/corp/sso","icon_class":null,"app_role_map":null,"allow_new_users":true},"secrets":"**********"}','{"config":{"default_role":null,"discovery_document":null,"auth_endpoint":"https://login.example.com/authorize","token_endpoint":"https://login.example.com/token","user_endpoint":"https://login.example.com/user","validate_id_token":false,"jwks_uri":null,"scopes":"openid email","client_id":"c","redirect_url":"https://api.example.com/api/v2/corp/sso","icon_class":null,"app_role_map":null,"allow_new_users":true},"secrets":"**********"}',1);
CREATE TABLE "confirmation" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER NOT NULL, "code_hash" TEXT NOT NULL, "expires_at" INTEGER NOT NULL);
INSERT INTO "confirmation" VALUES(1,3,'bbbfc7177c114248850dd6f87780fef09311b186aef84ed74bcda11724c4bea9',1795384988);
CREATE TABLE "cors" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "path" TEXT NOT NULL, "description" TEXT, "origin" TEXT NOT NULL, "header" TEXT, "exposed_header" TEXT, "method" INTEGER NOT NULL, "max_age" INTEGER NOT NULL, "supports_credentials" BOOLEAN NOT NULL, "enabled" BOOLEAN NOT NULL, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "cors" VALUES(1,'*',NULL,'https://example.com',NULL,NULL,1,0,0,1,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
CREATE TABLE "db_field_extras" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "service_id" INTEGER NOT NULL, "table" TEXT NOT NULL, "field" TEXT NOT NULL, "alias" TEXT, "label" TEXT, "extra_type" TEXT, "description" TEXT, "picklist" TEXT, "validation" TEXT, "client_info" TEXT, "db_function" TEXT, "is_virtual" BOOLEAN NOT NULL, "is_aggregate" BOOLEAN NOT NULL, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "db_field_extras" VALUES(1,9,'p','n',NULL,NULL,NULL,NULL,NULL,'{"not_null":null}',NULL,NULL,0,0,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,1);
CREATE TABLE "db_relationship_extras" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "service_id" INTEGER NOT NULL, "table" TEXT NOT NULL, "relationship" TEXT NOT NULL, "alias" TEXT, "label" TEXT, "description" TEXT, "always_fetch" BOOLEAN NOT NULL, "flatten" BOOLEAN NOT NULL, "flatten_drop_prefix" BOOLEAN NOT NULL, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "db_relationship_extras" VALUES(1,9,'t','p_by_parent','mother',NULL,NULL,0,0,0,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,1);
CREATE TABLE "db_table_extras" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "service_id" INTEGER NOT NULL, "table" TEXT NOT NULL, "alias" TEXT, "label" TEXT, "plural" TEXT, "name_field" TEXT, "model" TEXT, "description" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "db_table_extras" VALUES(1,9,'t',NULL,'The table',NULL,NULL,NULL,NULL,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,1);
CREATE TABLE "db_virtual_relationship" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "type" TEXT NOT NULL, "service_id" INTEGER NOT NULL, "table" TEXT NOT NULL, "field" TEXT NOT NULL, "ref_service_id" INTEGER NOT NULL, "ref_table" TEXT NOT NULL, "ref_field" TEXT NOT NULL, "ref_on_update" TEXT, "ref_on_delete" TEXT, "junction_service_id" INTEGER, "junction_table" TEXT, "junction_field" TEXT, "junction_ref_field" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "db_virtual_relationship" VALUES(1,'belongs_to',9,'t','parent',9,'p','id',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,1);
CREATE TABLE "email_template" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "name_key" TEXT NOT NULL, "description" TEXT, "to" TEXT, "cc" TEXT, "bcc" TEXT, "subject" TEXT, "attachment" TEXT, "body_text" TEXT, "body_html" TEXT, "from_name" TEXT, "from_email" TEXT, "reply_to_name" TEXT, "reply_to_email" TEXT, "defaults" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "email_template" VALUES(1,'User Invite Default','user invite default','Email sent to invite new users to your instance.',NULL,NULL,NULL,'[DF] New User Invitation',NULL,NULL,'<div style="padding: 10px;">
                                <p>
                                    Hi {first_name},
                                </p>
                                <p>
                                    You have been invited to become a user of {app_name}. Go to the following url, enter the code below, and set your password to confirm your account.
                                    <br>
                                    <br>
                                    {link}
                                    <br>
                                    <br>
                                    Confirmation Code: {confirm_code}
                                </p>
                                <p>
                                    <cite>-- The Dream Team</cite>
                                </p>
                            </div>','DO NOT REPLY',NULL,NULL,NULL,NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "email_template" VALUES(2,'User Registration Default','user registration default','Email sent to new users to complete registration.',NULL,NULL,NULL,'[DF] Registration Confirmation',NULL,NULL,'<div style="padding: 10px;">
                                <p>
                                    Hi {first_name},
                                </p>
                                <p>
                                    You have registered a user account on {app_name}. Go to the following url, enter the code below, and set your password to confirm your account.
                                    <br>
                                    <br>
                                    {link}
                                    <br>
                                    <br>
                                    Confirmation Code: {confirm_code}
                                </p>
                                <p>
                                    <cite>-- The Dream Team</cite>
                                </p>
                            </div>','DO NOT REPLY',NULL,NULL,NULL,NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "email_template" VALUES(3,'Password Reset Default','password reset default','Email sent to users following a request to reset their password.',NULL,NULL,NULL,'[DF] Password Reset',NULL,NULL,'<div style="padding: 10px;">
                                <p>
                                    Hi {first_name},
                                </p>
                                <p>
                                    You have requested to reset your password. Go to the following url, enter the code below, and set your new password.
                                    <br>
                                    <br>
                                    {link}
                                    <br>
                                    <br>
                                    Confirmation Code: {confirm_code}
                                </p>
                                <p>
                                    <cite>-- The Dream Team</cite>
                                </p>
                            </div>','DO NOT REPLY',NULL,NULL,NULL,NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "email_template" VALUES(4,'Hello','hello',NULL,NULL,NULL,NULL,'Hi',NULL,'Hello {first_name}',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
CREATE TABLE "event_script" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "name_key" TEXT NOT NULL, "type" TEXT NOT NULL, "is_active" BOOLEAN NOT NULL, "allow_event_modification" BOOLEAN NOT NULL, "content" TEXT, "config" TEXT, "storage_service_id" INTEGER, "storage_path" TEXT, "scm_repository" TEXT, "scm_reference" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "event_script" VALUES(1,'shop._table.get.pre_process','shop._table.get.pre_process','nodejs',0,0,'1',NULL,NULL,NULL,NULL,NULL,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
CREATE TABLE "instance" ("id" INTEGER NOT NULL, "generation" INTEGER NOT NULL, "instance_id" TEXT NOT NULL, "key_check" TEXT NOT NULL);
INSERT INTO "instance" VALUES(1,21,'5ba3b0b747b69da200c605116eccfee7','v1:sEIxTLcBEqrQYvRe/O1F64H1tKKtip/jnew/QxQOp3nxEdO7a2Mi5ntHBqfWg9YK87NdoQ==');
CREATE TABLE "limit" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "type" TEXT NOT NULL, "key_text" TEXT NOT NULL, "rate" INTEGER NOT NULL, "period" INTEGER NOT NULL, "user_id" INTEGER, "role_id" INTEGER, "service_id" INTEGER, "name" TEXT NOT NULL, "description" TEXT, "is_active" BOOLEAN NOT NULL, "endpoint" TEXT, "verb" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "limit" VALUES(1,'instance.user','instance.user:2.minute',10,0,2,NULL,NULL,'per minute',NULL,1,NULL,NULL,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
CREATE TABLE "login_attempt" ("digest" TEXT NOT NULL, "failures" INTEGER NOT NULL, "last_at" INTEGER NOT NULL, "ends_at" INTEGER NOT NULL);
INSERT INTO "login_attempt" VALUES('73d8ace6d397792d42b33d6a09311b973be6d3ee6aba7ec7061d34c4c8abbe3a',0,1795340474312,1795340534312);
INSERT INTO "login_attempt" VALUES('a5d0cb93e6726987cc00cd8aa7fdfcd466786df256eedbe1d3c27dd92a3eb45a',0,1795340474312,1795340534312);
INSERT INTO "login_attempt" VALUES('4079df7dcd1be1b54105656c3156d4a50db8874018fd06fef3ca9a97bc8e1d65',0,1795340474390,1797932474390);
INSERT INTO "login_attempt" VALUES('c273d167f933d5c0f00e2f926cca0c031b60fc2e04e48b48dfef520e0573c4c2',0,1795325092155,9999999999999);
INSERT INTO "login_attempt" VALUES('7016676d5196bfa1605e2af4c14cb1dd94e681afa22de29dda48be03f66e66e5',1,1795325092640,9999999999999);
INSERT INTO "login_attempt" VALUES('26d80731c9245a626218dfe96a1291823090329e1507b920c59553342825d4f4',1,1795325092640,9999999999999);
INSERT INTO "login_attempt" VALUES('9bd74cbbd296140b1ad4d1936119008d8ade07cc3a1b86d25b7ad044789a9b36',1,1795325092640,9999999999999);
CREATE TABLE "login_begun" ("digest" TEXT NOT NULL, "service_id" INTEGER NOT NULL, "content" TEXT NOT NULL, "ends_at" INTEGER NOT NULL);
INSERT INTO "login_begun" VALUES('c5ad2828a186ac00bf7af6a1c03e684ccaedd1a8f399e839e0a039bb1cf93aab',10,'v1:gER6vFm6vuRpVm3E+l/BnUbshQygnD2vm6NZ5KMqArFou6kzqyrsz9gYcuikMag29LA+XOmYgHpPzim/CJj1TAF9DlZyHEgXScq24GT2Kna+lsZwUmYnrdGrWvIiJ3U70qD9DCb2Ijm6ShzvynXZsJ+YsmNHas06PS2hQt+Ofi1WmHBTpytyvc/mPwbGFFmdARVQT4X8djxdGIFg5VnryiWzMcBz5I4QdFhjEBNyD3LZy9ofIJvxNIszmi8jgrnld95BJwRF/m1/D4MyupMt7pAAX+ZAlfyHfv1D8y17gHLlxuoWmBvyVhx4GbMKljeqcS3L7uK1iwSvSoVsDqZ/XQEOYjCHqgyZYfRBSfLwOtqspwqD4PnNyNVbhG8JrQZ81vJEFg==',1795340654);
CREATE TABLE "login_identity" ("user_id" INTEGER NOT NULL, "digest" TEXT NOT NULL);
INSERT INTO "login_identity" VALUES(4,'d60200dd8fa919c604abd75e0e4d8d3e9f9675c2db080ad27f0dd60b54209b27');
CREATE TABLE "lookup" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "app_id" INTEGER, "role_id" INTEGER, "user_id" INTEGER, "name" TEXT NOT NULL, "name_key" TEXT NOT NULL, "value" TEXT, "private" BOOLEAN NOT NULL, "description" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "lookup" VALUES(1,NULL,1,NULL,'region','region','v1:Ljfzl/ZjRQ10l6ImECwqNSgpCFLMmLBpXAkKSxiJ',0,NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',1,NULL);
INSERT INTO "lookup" VALUES(2,NULL,NULL,NULL,'secret','secret','v1:X+MUIlCW+0Bwj5NeSz554WXttsaQ3VTsasRKtTU5wWygKMwxPuh+B/5d0oVX',1,NULL,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
INSERT INTO "lookup" VALUES(3,NULL,NULL,NULL,'open','open','v1:mJakEbBKf9dKhpjF9jcw29zvewWT4KAfZldwBUrM+jxrKai7MSHa5UmtOoo=',0,NULL,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
CREATE TABLE "oauth_token_map" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER NOT NULL, "service_id" INTEGER NOT NULL, "token" TEXT, "response" TEXT);
INSERT INTO "oauth_token_map" VALUES(1,4,10,'v1:JoR4zerOk735PB/XGCSMD8w1L/sw3UhSCCdxJYBbPNmZma+EeJrpVHAQtnE=','v1:BILxIla8o/UL/PyV6nvhQQFcp8pSUq2Ci32w0S2YXhf3+5n0DyTq89XQHX8F51jPL1f1OHSQR47+HlQ6S4sU+5KLrMplEc3F4yixjRyyXCemo8wuTA==');
CREATE TABLE "revoked_token" ("jti" TEXT NOT NULL, "user_id" INTEGER NOT NULL, "expires_at" INTEGER NOT NULL);
INSERT INTO "revoked_token" VALUES('fa6d3c14fc1093640dee91d423d95a50',1,4102444800);
CREATE TABLE "role" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "name_key" TEXT NOT NULL, "description" TEXT, "is_active" BOOLEAN NOT NULL, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "role" VALUES(1,'reader','reader',NULL,1,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',1,NULL);
CREATE TABLE "role_adldap" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "role_id" INTEGER NOT NULL, "dn" TEXT NOT NULL, "dn_key" TEXT NOT NULL);
INSERT INTO "role_adldap" VALUES(1,1,'cn=readers,dc=example,dc=com','cn=readers,dc=example,dc=com');
CREATE TABLE "role_service_access" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "role_id" INTEGER NOT NULL, "service_id" INTEGER, "component" TEXT, "verb_mask" INTEGER NOT NULL, "requestor_mask" INTEGER NOT NULL, "filters" TEXT, "filter_op" TEXT NOT NULL, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "role_service_access" VALUES(1,1,9,'_table/*',1,3,'[{"name":"region","operator":"=","value":"{user.id}"}]','AND','2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',1,NULL);
CREATE TABLE "scheduler_task" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "name_key" TEXT NOT NULL, "description" TEXT, "is_active" BOOLEAN NOT NULL, "service_id" INTEGER NOT NULL, "component" TEXT, "verb_mask" INTEGER NOT NULL, "frequency" INTEGER NOT NULL, "payload" TEXT, "app_id" INTEGER, "user_id" INTEGER, "last_minute" INTEGER NOT NULL, "busy_until" INTEGER NOT NULL, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "scheduler_task" VALUES(1,'nightly','nightly',NULL,0,9,'_table',1,1440,NULL,NULL,NULL,0,0,'2026-11-22T05:24:51.000000Z','2026-11-22T05:24:51.000000Z',1,NULL);
CREATE TABLE "schema_migration" ("number" INTEGER NOT NULL, "name" TEXT NOT NULL, "applied_date" TEXT NOT NULL);
INSERT INTO "schema_migration" VALUES(1,'policy and identity','2026-11-21T22:03:06.000000Z');
INSERT INTO "schema_migration" VALUES(2,'settings, templates and scripts','2026-11-21T22:03:06.000000Z');
INSERT INTO "schema_migration" VALUES(10,'rate limits','2026-11-21T22:03:06.000000Z');
INSERT INTO "schema_migration" VALUES(11,'audit','2026-11-21T22:03:06.000000Z');
INSERT INTO "schema_migration" VALUES(20,'extras of database services','2026-11-21T22:03:06.000000Z');
INSERT INTO "schema_migration" VALUES(30,'login attempts','2026-11-22T05:24:30.000000Z');
INSERT INTO "schema_migration" VALUES(40,'scheduled tasks','2026-11-22T05:24:30.000000Z');
INSERT INTO "schema_migration" VALUES(50,'history of a record','2026-11-22T05:24:30.000000Z');
INSERT INTO "schema_migration" VALUES(60,'login services','2026-11-22T09:41:14.000000Z');
CREATE TABLE "service" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "name_key" TEXT NOT NULL, "label" TEXT NOT NULL, "description" TEXT, "is_active" BOOLEAN NOT NULL, "type" TEXT NOT NULL, "mutable" BOOLEAN NOT NULL, "deletable" BOOLEAN NOT NULL, "config" TEXT NOT NULL, "secrets" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "service" VALUES(1,'system','system','System Management','Service for managing system resources.',1,'system',0,0,'{"invite_email_service_id":6,"invite_email_template_id":1,"password_email_service_id":6,"password_email_template_id":3}',NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "service" VALUES(2,'api_docs','api_docs','Live API Docs','API documenting and testing service.',1,'swagger',0,0,'{}',NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "service" VALUES(3,'files','files','Local File Storage','Service for accessing local file storage.',1,'local_file',1,1,'{}','v1:Atnnaxvcn6if+q6jl/o9McjWb0U8L8fVCGyzdiMp1Lkjf+e8AS3TF/P5Asvg7vQ=','2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "service" VALUES(4,'logs','logs','Local Log Storage','Service for accessing local log storage.',1,'local_file',1,1,'{}','v1:VosjI5dxG5SQ0o91XUjnqP6J9xE2ZSNPszxVW3PB/o7Yiln9sV6v0MXcMKc55EcJ','2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "service" VALUES(5,'db','db','Local SQL Database','Service for accessing local SQLite database.',1,'sqlite',1,1,'{"database":"db.sqlite"}',NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "service" VALUES(6,'email','email','Local Email Service','Email service used for sending user invites and/or password reset confirmation.',1,'local_email',1,1,'{}',NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "service" VALUES(7,'user','user','User Management','Service for managing system users.',1,'user',1,0,'{"invite_email_service_id":6,"invite_email_template_id":1,"password_email_service_id":6,"password_email_template_id":3,"allow_open_registration":false,"open_reg_email_service_id":6,"open_reg_email_template_id":2}',NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "service" VALUES(8,'vault','vault','Vault',NULL,1,'pgsql',1,1,'{"host":"db.example.com","port":null,"database":"x","schema":null,"charset":null,"sslmode":null,"sslrootcert":null,"timezone":null,"application_name":null,"options":null,"attributes":null,"statements":null,"allow_upsert":false,"max_records":1000,"cache_enabled":false,"cache_ttl":0}','v1:0RXpbiwBzZBuNxPEvxWKE8Oz37eFr7/EReiExjk5Xen4durpnvh9RqH1rAZqIYgXr6jim8pUDkWjYhG7VdHdNtSeMFcmPhjHCZkOUaHHVJiL','2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',1,NULL);
INSERT INTO "service" VALUES(9,'shop','shop','Shop',NULL,1,'sqlite',1,1,'{"database":"shop.sqlite","options":null,"attributes":null,"statements":null,"allow_upsert":false,"max_records":1000,"cache_enabled":false,"cache_ttl":0}',NULL,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',1,NULL);
INSERT INTO "service" VALUES(10,'corp','corp','Corp',NULL,1,'oidc',1,1,'{"default_role":null,"discovery_document":null,"auth_endpoint":"https://login.example.com/authorize","token_endpoint":"https://login.example.com/token","user_endpoint":"https://login.example.com/user","validate_id_token":false,"jwks_uri":null,"scopes":"openid email","client_id":"c","redirect_url":"https://api.example.com/api/v2/corp/sso","icon_class":null,"app_role_map":null,"allow_new_users":true}','v1:HWzHU6A9oWK5u2ieCgS7sIvcH9XKcqKQOAkUEA9PO0CjaGBaZIYq52zug54aH7FbgxFJUBqKKx8=','2026-11-22T09:41:14.000000Z','2026-11-22T09:41:14.000000Z',1,1);
CREATE TABLE "service_doc" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "service_id" INTEGER NOT NULL, "format" INTEGER NOT NULL, "content" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "service_doc" VALUES(1,8,0,'{}','2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',1,NULL);
CREATE TABLE "system_custom" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "name_key" TEXT NOT NULL, "value" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "system_custom" VALUES(1,'colour','colour','{"a":1}','2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
CREATE TABLE "task_log" ("task_id" INTEGER NOT NULL, "status_code" INTEGER NOT NULL, "content" TEXT NOT NULL, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL);
INSERT INTO "task_log" VALUES(1,404,'{"error":"gone"}','2026-11-22T05:00:00.000000Z','2026-11-22T05:00:00.000000Z');
CREATE TABLE "user" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "username" TEXT NOT NULL, "username_key" TEXT NOT NULL, "ldap_username" TEXT, "first_name" TEXT, "last_name" TEXT, "last_login_date" TEXT, "email" TEXT NOT NULL, "email_key" TEXT NOT NULL, "password" TEXT, "is_sys_admin" BOOLEAN NOT NULL, "is_active" BOOLEAN NOT NULL, "phone" TEXT, "security_question" TEXT, "security_answer" TEXT, "confirm_code" TEXT, "confirmed" BOOLEAN NOT NULL, "default_app_id" INTEGER, "adldap" TEXT, "oauth_provider" TEXT, "saml" TEXT, "token_epoch" INTEGER NOT NULL, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "user" VALUES(1,'admin','admin@example.com','admin@example.com',NULL,NULL,NULL,'2026-11-22 09:41:14','admin@example.com','admin@example.com','$argon2id$v=19$m=19456,t=2,p=1$kw2/oQuuPxFfH2tXHWNiNA$awIBfpMWIuPfrXyQnKfS52Cg+oXtM7UdEwJQtJyESwU',1,1,NULL,NULL,NULL,NULL,1,NULL,NULL,NULL,NULL,0,'2026-11-21T22:03:06.000000Z','2026-11-21T22:03:06.000000Z',NULL,NULL);
INSERT INTO "user" VALUES(2,'Ann Lee','ann@example.com','ann@example.com',NULL,'Ann','Lee',NULL,'ann@example.com','ann@example.com','$argon2id$v=19$m=19456,t=2,p=1$KptEKvpbgLUeE+erl9XVnQ$NKhzwRJMXnlaFZgyYnPRq4jUByr8m3Kavs+6pE5DStI',0,1,NULL,'Pet?','$argon2id$v=19$m=19456,t=2,p=1$UKmNEUv6OIGFpTjE+DDItQ$K4SfY4k2s/UtOsJSwab2le5aHmcJIlO2whT+nyqBn5Q',NULL,1,NULL,NULL,NULL,NULL,0,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
INSERT INTO "user" VALUES(3,'bob','bob@example.com','bob@example.com',NULL,NULL,NULL,NULL,'bob@example.com','bob@example.com','$argon2id$v=19$m=19456,t=2,p=1$SgxJdk4Fj4yMkXEBZCff5A$QzGdw4T06PeCR7In3PY+P+fr90LvEe8Pp+ZMACUmWwM',0,1,NULL,NULL,NULL,NULL,1,NULL,NULL,NULL,NULL,0,'2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
INSERT INTO "user" VALUES(4,'Bea Ott','bea+corp@example.com','bea+corp@example.com',NULL,'Bea','Ott','2026-11-22 09:41:14','bea+corp@example.com','bea+corp@example.com',NULL,0,1,NULL,NULL,NULL,NULL,1,NULL,NULL,'openid_connect',NULL,0,'2026-11-22T09:41:14.000000Z','2026-11-22T09:41:14.000000Z',NULL,NULL);
CREATE TABLE "user_custom" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER NOT NULL, "name" TEXT NOT NULL, "name_key" TEXT NOT NULL, "value" TEXT, "created_date" TEXT NOT NULL, "last_modified_date" TEXT NOT NULL, "created_by_id" INTEGER, "last_modified_by_id" INTEGER);
INSERT INTO "user_custom" VALUES(1,2,'theme','theme','dark','2026-11-21T22:03:07.000000Z','2026-11-21T22:03:07.000000Z',1,NULL);
CREATE TABLE "user_to_app_to_role" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER NOT NULL, "app_id" INTEGER NOT NULL, "role_id" INTEGER NOT NULL);
INSERT INTO "user_to_app_to_role" VALUES(1,2,4,1);
CREATE UNIQUE INDEX "schema_migration_number" ON "schema_migration" ("number");
CREATE UNIQUE INDEX "instance_id" ON "instance" ("id");
CREATE UNIQUE INDEX "service_name_key" ON "service" ("name_key");
CREATE UNIQUE INDEX "service_doc_service_id" ON "service_doc" ("service_id");
CREATE UNIQUE INDEX "role_name_key" ON "role" ("name_key");
CREATE INDEX "role_service_access_role_id" ON "role_service_access" ("role_id");
CREATE INDEX "role_service_access_service_id" ON "role_service_access" ("service_id");
CREATE UNIQUE INDEX "app_name_key" ON "app" ("name_key");
CREATE UNIQUE INDEX "app_api_key" ON "app" ("api_key");
CREATE UNIQUE INDEX "user_email_key" ON "user" ("email_key");
CREATE UNIQUE INDEX "user_username_key" ON "user" ("username_key");
CREATE UNIQUE INDEX "user_to_app_to_role_user_id_app_id" ON "user_to_app_to_role" ("user_id", "app_id");
CREATE INDEX "lookup_name_key" ON "lookup" ("name_key");
CREATE UNIQUE INDEX "revoked_token_jti" ON "revoked_token" ("jti");
CREATE INDEX "revoked_token_expires_at" ON "revoked_token" ("expires_at");
CREATE UNIQUE INDEX "system_custom_name_key" ON "system_custom" ("name_key");
CREATE UNIQUE INDEX "user_custom_user_id_name_key" ON "user_custom" ("user_id", "name_key");
CREATE UNIQUE INDEX "cors_path" ON "cors" ("path");
CREATE UNIQUE INDEX "email_template_name_key" ON "email_template" ("name_key");
CREATE UNIQUE INDEX "event_script_name_key" ON "event_script" ("name_key");
CREATE UNIQUE INDEX "confirmation_user_id" ON "confirmation" ("user_id");
CREATE UNIQUE INDEX "limit_key_text" ON "limit" ("key_text");
CREATE INDEX "audit_created_date" ON "audit" ("created_date");
CREATE INDEX "db_table_extras_service_id" ON "db_table_extras" ("service_id");
CREATE INDEX "db_field_extras_service_id" ON "db_field_extras" ("service_id");
CREATE INDEX "db_relationship_extras_service_id" ON "db_relationship_extras" ("service_id");
CREATE INDEX "db_virtual_relationship_service_id" ON "db_virtual_relationship" ("service_id");
CREATE INDEX "db_virtual_relationship_ref_service_id" ON "db_virtual_relationship" ("ref_service_id");
CREATE INDEX "db_virtual_relationship_junction_service_id" ON "db_virtual_relationship" ("junction_service_id");
CREATE UNIQUE INDEX "login_attempt_digest" ON "login_attempt" ("digest");
CREATE INDEX "login_attempt_ends_at" ON "login_attempt" ("ends_at");
CREATE UNIQUE INDEX "scheduler_task_name_key" ON "scheduler_task" ("name_key");
CREATE INDEX "scheduler_task_service_id" ON "scheduler_task" ("service_id");
CREATE UNIQUE INDEX "task_log_task_id" ON "task_log" ("task_id");
CREATE INDEX "audit_record_id" ON "audit" ("record_id");
CREATE UNIQUE INDEX "login_begun_digest" ON "login_begun" ("digest");
CREATE INDEX "login_begun_ends_at" ON "login_begun" ("ends_at");
CREATE UNIQUE INDEX "login_identity_user_id" ON "login_identity" ("user_id");
CREATE INDEX "oauth_token_map_user_id" ON "oauth_token_map" ("user_id");
CREATE INDEX "oauth_token_map_service_id" ON "oauth_token_map" ("service_id");
CREATE INDEX "role_adldap_role_id" ON "role_adldap" ("role_id");
CREATE INDEX "role_adldap_dn_key" ON "role_adldap" ("dn_key");
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('email_template',4);
INSERT INTO "sqlite_sequence" VALUES('service',10);
INSERT INTO "sqlite_sequence" VALUES('app',4);
INSERT INTO "sqlite_sequence" VALUES('user',4);
INSERT INTO "sqlite_sequence" VALUES('service_doc',1);
INSERT INTO "sqlite_sequence" VALUES('audit',25);
INSERT INTO "sqlite_sequence" VALUES('role',1);
INSERT INTO "sqlite_sequence" VALUES('role_service_access',1);
INSERT INTO "sqlite_sequence" VALUES('lookup',3);
INSERT INTO "sqlite_sequence" VALUES('user_to_app_to_role',1);
INSERT INTO "sqlite_sequence" VALUES('user_custom',1);
INSERT INTO "sqlite_sequence" VALUES('system_custom',1);
INSERT INTO "sqlite_sequence" VALUES('cors',1);
INSERT INTO "sqlite_sequence" VALUES('event_script',1);
INSERT INTO "sqlite_sequence" VALUES('limit',1);
INSERT INTO "sqlite_sequence" VALUES('db_table_extras',1);
INSERT INTO "sqlite_sequence" VALUES('db_field_extras',1);
INSERT INTO "sqlite_sequence" VALUES('db_virtual_relationship',1);
INSERT INTO "sqlite_sequence" VALUES('db_relationship_extras',1);
INSERT INTO "sqlite_sequence" VALUES('confirmation',1);
INSERT INTO "sqlite_sequence" VALUES('scheduler_task',1);
INSERT INTO "sqlite_sequence" VALUES('role_adldap',1);
INSERT INTO "sqlite_sequence" VALUES('oauth_token_map',1);
COMMIT;
