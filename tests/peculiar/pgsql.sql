-- A database with what PostgreSQL databases of others hold: types, names, keys and relations off the beaten track.
DROP SCHEMA IF EXISTS "Other Schema" CASCADE; CREATE SCHEMA "Other Schema";
CREATE TYPE mood AS ENUM ('sad','ok','happy day');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE DOMAIN email AS varchar(80) CHECK (VALUE LIKE '%@%');
CREATE DOMAIN year4 AS integer CHECK (VALUE >= 1901 AND VALUE <= 2155);
CREATE TABLE "film" (
 film_id serial PRIMARY KEY, title varchar(255) NOT NULL, description text, release_year year4,
 language_id smallint NOT NULL, original_language_id smallint, rental_duration smallint NOT NULL DEFAULT 3,
 rental_rate numeric(4,2) NOT NULL DEFAULT 4.99, rating mood DEFAULT 'ok'::mood, last_update timestamp NOT NULL DEFAULT now(),
 special_features text[], fulltext tsvector, moods mood[], UNIQUE(title));
CREATE TABLE language (language_id smallserial PRIMARY KEY, name char(20) NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
ALTER TABLE film ADD CONSTRAINT film_language_fk FOREIGN KEY (language_id) REFERENCES language(language_id) ON UPDATE CASCADE ON DELETE RESTRICT;
ALTER TABLE film ADD CONSTRAINT film_orig_fk FOREIGN KEY (original_language_id) REFERENCES language(language_id);
CREATE FUNCTION film_upd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.fulltext := to_tsvector('simple', coalesce(NEW.title,'')||' '||coalesce(NEW.description,'')); RETURN NEW; END $$;
CREATE TRIGGER film_tr BEFORE INSERT OR UPDATE ON film FOR EACH ROW EXECUTE FUNCTION film_upd();
INSERT INTO language(name) VALUES ('English'),('Italian');
INSERT INTO film(title,description,release_year,language_id,original_language_id,special_features,moods) VALUES ('ACADEMY DINOSAUR','An Epic',2006,1,2,'{"Deleted Scenes","Behind the \"Scenes\"",NULL}','{sad,"happy day"}'),('ACE','x',NULL,1,NULL,'{}',NULL);
CREATE TABLE "Employees" ("Employee ID" serial PRIMARY KEY, "Last Name" varchar(20) NOT NULL, "ReportsTo" int REFERENCES "Employees"("Employee ID"), "Photo" bytea, "Notes" text, "order" int, "select" text DEFAULT 'a''b');
INSERT INTO "Employees"("Last Name","ReportsTo","Photo","Notes","order") VALUES ('Fuller',NULL,'\xdeadbeef00ff','n',1),('Davolio',1,'\x','',2);
CREATE TABLE "Order Details" ("OrderID" int, "ProductID" int, "UnitPrice" money NOT NULL DEFAULT 0, "Quantity" posint DEFAULT 1, "Discount" real NOT NULL DEFAULT 0, PRIMARY KEY("OrderID","ProductID"));
INSERT INTO "Order Details" VALUES (10248,11,14.00,12,0.15),(10248,42,-1234567.89,10,0);
CREATE TABLE shipments (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, o int, p int, note text, FOREIGN KEY(o,p) REFERENCES "Order Details"("OrderID","ProductID"));
INSERT INTO shipments(o,p,note) VALUES (10248,11,'x');
CREATE TABLE types (
 id uuid PRIMARY KEY DEFAULT gen_random_uuid(), i2 int2, i4 int4, i8 int8, n numeric, n2 numeric(30,10), f4 real, f8 double precision, m money, b boolean,
 c char(5), vc varchar(10), t text, nm name, by bytea, d date, tm time, tm3 time(3), tmz timetz, ts timestamp, ts3 timestamp(3), tstz timestamptz, iv interval,
 ip inet, cd cidr, mac macaddr, mac8 macaddr8, bt bit(5), vb bit varying(10), j json, jb jsonb, x xml, u uuid, pt point, ln line, ls lseg, bx box, pa path, po polygon, ci circle,
 r4 int4range, r8 int8range, nr numrange, tr tsrange, tzr tstzrange, dr daterange, mr int4multirange, tv tsvector, tq tsquery, o oid, rc regclass, pl pg_lsn,
 ai int[], at text[], an numeric(10,2)[], ab boolean[], aby bytea[], ats timestamptz[], aai int[][], au uuid[], aj jsonb[], comp pair, acomp pair[], po2 posint, em email, md mood, h int GENERATED ALWAYS AS (i4*2) STORED, xid8 xid8, ch "char", jp jsonpath, de date DEFAULT CURRENT_DATE, dn numeric DEFAULT 1.50, dx text DEFAULT 'it''s'::text, da int[] DEFAULT '{1,2}'::int[]);
INSERT INTO types VALUES ('11111111-1111-1111-1111-111111111111',-32768,1073741823,9223372036854775807,12345678901234567890.123456789012345678901234567890,123456789.0123456789,0.1,1e300,'$1,234.56',true,
 'ab','cd','tex''t "q" \ ü 日本 '||chr(128512),'nm','\x00ff10','2024-02-29','13:14:15.123456','13:14:15.5','13:14:15+02:30','2024-02-29 13:14:15.123456','2024-02-29 13:14:15.5','2024-02-29 13:14:15.123456+05','1 year 2 mons -3 days 04:05:06.789',
 '192.168.0.1/24','10.0.0.0/8','08:00:2b:01:02:03','08:00:2b:01:02:03:04:05',B'10101',B'101','{"a": 1.0, "b":[true,null]}','{"a": 12345678901234567890.5, "b":"x"}','<a b="c">d</a>','123e4567-e89b-12d3-a456-426614174000','(1.5,-2)','{1,2,3}','[(0,0),(1,1)]','(1,1),(0,0)','[(0,0),(1,1),(2,0)]','((0,0),(1,1),(2,0))','<(0,0),5>',
 '[1,5)','[1,)','(1.5,2.5]','["2024-01-01 00:00:00","2024-02-01 00:00:00")','["2024-01-01 00:00:00+00","2024-02-01 00:00:00+00")','[2024-01-01,2024-02-01)','{[1,3),[5,7)}','a:1 fat:2,4','fat & (rat | cat)',4294967295,'pg_class','16/B374D848',
 '{1,NULL,-3}','{a,"b c","d\"e",NULL,"NULL",""}','{1.50,-2}','{t,f,NULL}','{"\\xdead",NULL}','{"2024-02-29 13:14:15+00"}','{{1,2},{3,4}}','{123e4567-e89b-12d3-a456-426614174000}','{"{\"a\": 1}","null"}','(1,"x y")','{"(1,a)","(2,)"}',7,'a@b','happy day',DEFAULT,'123','c','$.a[*] ? (@ > 1)'),
 ('22222222-2222-2222-2222-222222222222',1,1,1,'NaN',0,'NaN','Infinity','-$0.01',false,'','','','','\x','infinity','00:00','24:00:00','00:00:00-15:59','-infinity','0001-01-01 00:00:00 BC','infinity','-1 mon','::1','::/0','00:00:00:00:00:00','00:00:00:00:00:00:00:00',B'00000',B'','null','"s"',NULL,'00000000-0000-0000-0000-000000000000','(NaN,0)',NULL,NULL,NULL,NULL,NULL,NULL,'empty','(,)','empty','empty',NULL,'empty','{}','','',0,'types','0/0','{}','{}','{}','{}','{}','{}','{}','{}','{}','(,)','{}',1,NULL,'sad',DEFAULT,'0','','$');
INSERT INTO types(id) VALUES ('33333333-3333-3333-3333-333333333333');
CREATE TABLE measurement (city_id int NOT NULL, logdate date NOT NULL, peaktemp int, PRIMARY KEY(city_id,logdate)) PARTITION BY RANGE (logdate);
CREATE TABLE measurement_2024 PARTITION OF measurement FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE measurement_def PARTITION OF measurement DEFAULT;
INSERT INTO measurement VALUES (1,'2024-05-05',3),(1,'2022-05-05',4);
CREATE TABLE cities (name text, population float, elevation int); CREATE TABLE capitals (state char(2)) INHERITS (cities);
INSERT INTO cities VALUES ('Las Vegas',2.583e5,2174); INSERT INTO capitals VALUES ('Sacramento',3.694e5,30,'CA');
CREATE VIEW film_list AS SELECT f.film_id AS fid, f.title, l.name AS category, f.rental_rate AS price, array_agg(f.rating) AS r FROM film f JOIN language l USING(language_id) GROUP BY 1,2,3,4;
CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS n, sum(rental_rate) AS s FROM film;
CREATE VIEW "upd view" AS SELECT film_id, title, language_id FROM film;
CREATE TABLE "Other Schema"."Tab le" (id bigserial PRIMARY KEY, "x.y" int, film_id int REFERENCES film(film_id));
INSERT INTO "Other Schema"."Tab le"("x.y",film_id) VALUES (1,1);
CREATE TABLE "group" ("user" text PRIMARY KEY, "table" int UNIQUE, "ünï" text);
INSERT INTO "group" VALUES ('a,b',1,'ü'),('c/d%20',2,NULL),('(x)',3,''),('''q''',4,'"');
CREATE TABLE nokey (a int, b text); INSERT INTO nokey VALUES (1,'x'),(1,'x'),(NULL,NULL);
CREATE TABLE twofk (id serial PRIMARY KEY, billing int NOT NULL REFERENCES "Employees"("Employee ID"), shipping int REFERENCES "Employees"("Employee ID"), CHECK (billing>0));
INSERT INTO twofk(billing,shipping) VALUES (1,2),(2,NULL);
CREATE TABLE bigkey (id numeric(20,0) PRIMARY KEY, d date UNIQUE, v text); INSERT INTO bigkey VALUES (12345678901234567890,'2024-01-01','x');
CREATE TABLE tskey (at timestamptz PRIMARY KEY, v int); INSERT INTO tskey VALUES ('2024-02-29 13:14:15.123456+00',1);
CREATE TABLE bytekey (k bytea PRIMARY KEY, v int); INSERT INTO bytekey VALUES ('\x00ff',1);
CREATE TABLE boolkey (k boolean PRIMARY KEY, v int); INSERT INTO boolkey VALUES (true,1);
CREATE TABLE deferred (id int PRIMARY KEY, nxt int REFERENCES deferred(id) DEFERRABLE INITIALLY DEFERRED); INSERT INTO deferred VALUES (1,1);
