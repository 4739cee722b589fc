-- A database with what MySQL and MariaDB databases of others hold: types, names, keys and relations off the beaten track.
CREATE TABLE `film` (film_id smallint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, title varchar(128) NOT NULL, description text, release_year year DEFAULT NULL, language_id tinyint unsigned NOT NULL, original_language_id tinyint unsigned DEFAULT NULL,
 rental_rate decimal(4,2) NOT NULL DEFAULT 4.99, length smallint unsigned, rating enum('G','PG','PG-13','R','NC-17','it''s, "x"') DEFAULT 'G', special_features set('Trailers','Commentaries','Deleted Scenes','Behind the Scenes') DEFAULT NULL, last_update timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, KEY idx_title(title), FULLTEXT KEY ft (title,description));
CREATE TABLE language (language_id tinyint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, name char(20) NOT NULL, last_update timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
ALTER TABLE film ADD CONSTRAINT fk_l FOREIGN KEY (language_id) REFERENCES language(language_id) ON DELETE RESTRICT ON UPDATE CASCADE, ADD CONSTRAINT fk_lo FOREIGN KEY (original_language_id) REFERENCES language(language_id) ON DELETE SET NULL;
INSERT INTO language(name) VALUES('English'),('Italian');
INSERT INTO film(title,description,release_year,language_id,original_language_id,rating,special_features,last_update) VALUES ('ACADEMY','Epic 😀',2006,1,2,'PG-13','Trailers,Deleted Scenes','2006-02-15 05:03:42'),('ACE',NULL,0,1,NULL,'it''s, "x"','','2006-02-15 05:03:42');
CREATE TABLE address (address_id int AUTO_INCREMENT PRIMARY KEY, location geometry NOT NULL, pt point, SPATIAL KEY loc(location));
INSERT INTO address(location,pt) VALUES (ST_GeomFromText('POINT(153.1408538 -27.6333361)'),NULL),(ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))'),ST_GeomFromText('POINT(1 2)'));
CREATE TABLE `Order Details` (`Order ID` int, `Product-ID` int, `Unit.Price` decimal(19,4) NOT NULL DEFAULT 0.0000, `Qty` smallint NOT NULL DEFAULT 1, Discount float NOT NULL DEFAULT 0, `select` text, PRIMARY KEY (`Order ID`,`Product-ID`));
INSERT INTO `Order Details` VALUES (10248,11,14.0000,12,0.15,'x'),(10248,42,99999999999.9999,-5,1e-10,NULL);
CREATE TABLE shipment (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, o int, p int, FOREIGN KEY (o,p) REFERENCES `Order Details`(`Order ID`,`Product-ID`)); INSERT INTO shipment VALUES (18446744073709551000,10248,11);
CREATE TABLE EMPLOYEES_UP (ID int PRIMARY KEY, BOSS int, NAME varchar(10), CONSTRAINT fk_boss FOREIGN KEY (BOSS) REFERENCES EMPLOYEES_UP(ID)); INSERT INTO EMPLOYEES_UP VALUES (1,NULL,'a'),(2,1,'b');
CREATE TABLE employees_up (id int PRIMARY KEY, v int); INSERT INTO employees_up VALUES (7,7);
CREATE TABLE types (id int AUTO_INCREMENT PRIMARY KEY, t1 tinyint(1), t4 tinyint, t4u tinyint unsigned, s smallint unsigned zerofill, m mediumint, i int, iu int unsigned, b bigint, bu bigint unsigned, d decimal(65,30), d0 decimal(10,0), du decimal(10,2) unsigned, f float, f2 float(7,4), db double, b1 bit(1), b8 bit(8), b64 bit(64), bo boolean,
 c char(5), vc varchar(10) CHARACTER SET latin1, vu varchar(20) COLLATE utf8mb4_bin, tt tinytext, t text, mt mediumtext, lt longtext, bi binary(4), vb varbinary(5), tb tinyblob, bl blob, lb longblob,
 dt date, tm time, tm6 time(6), dtm datetime, dtm6 datetime(6), ts timestamp NULL, ts6 timestamp(6) NULL, y year, e enum('','a','b,c'), st set('x','y z','ü'), j json, u uuid, ip inet6, ip4 inet4, g geometry, pl polygon,
 vg int AS (i+1) VIRTUAL, sg int AS (i*2) STORED, de varchar(5) DEFAULT 'it''s', dn int DEFAULT 7, dd date DEFAULT '2020-01-01', du2 char(36) DEFAULT uuid(), dex int DEFAULT (1+2));
INSERT INTO types(id,t1,t4,t4u,s,m,i,iu,b,bu,d,d0,du,f,f2,db,b1,b8,b64,bo,c,vc,vu,tt,t,mt,lt,bi,vb,tb,bl,lb,dt,tm,tm6,dtm,dtm6,ts,ts6,y,e,st,j,u,ip,ip4,g,pl) VALUES
 (1,1,-128,255,42,-8388608,1073741822,4294967295,-9223372036854775808,18446744073709551615,12345678901234567890123456789012345.123456789012345678901234567890,-9999999999,1.10,3.14159,123.4567,1e-300,b'1',b'10000001',0xFFFFFFFFFFFFFFFF,0,
 'ab','é','日本😀','tt','a\\b''c"d\n\t','mt','lt',x'00ff','\0a','tb',x'deadbeef',x'00','2024-02-29','-838:59:59','13:14:15.123456','2024-02-29 13:14:15','9999-12-31 23:59:59.999999','1970-01-02 00:00:01','2038-01-19 03:14:07.5',2155,'b,c','x,y z,ü','{"a": 1.0, "b": [1,2]}','123e4567-e89b-12d3-a456-426614174000','::ffff:1.2.3.4','1.2.3.4',ST_GeomFromText('POINT(1 2)'),ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')),
 (2,7,0,0,0,0,0,0,0,0,0,0,0,0,0,0,b'0',0,0,1,'','','','','','','','','','','','','1000-01-01','00:00:00','838:59:59.999999','1000-01-01 00:00:00','1000-01-01 00:00:00.000001',NULL,NULL,1901,'','','null','00000000-0000-0000-0000-000000000000','::','0.0.0.0',NULL,NULL),(3,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
SET sql_mode='ALLOW_INVALID_DATES'; CREATE TABLE zero (id int PRIMARY KEY, d date, dt datetime, y year); INSERT INTO zero VALUES (1,'0000-00-00','0000-00-00 00:00:00','0000'),(2,'2024-00-00','2024-02-28 00:00:00',0); SET sql_mode=DEFAULT;
CREATE TABLE parts (id int, y int NOT NULL, PRIMARY KEY(id,y)) PARTITION BY RANGE(y) (PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN MAXVALUE); INSERT INTO parts VALUES (1,1999),(1,2001);
CREATE TABLE sysv (id int PRIMARY KEY, v int) WITH SYSTEM VERSIONING; INSERT INTO sysv VALUES (1,1); UPDATE sysv SET v=2;
CREATE SEQUENCE sq; CREATE VIEW film_list AS SELECT f.film_id AS FID, f.title, l.name category, f.rental_rate AS `the price`, GROUP_CONCAT(l.name) g FROM film f JOIN language l USING(language_id) GROUP BY f.film_id;
CREATE VIEW upd AS SELECT film_id,title FROM film; CREATE TABLE short_lived (a int); CREATE VIEW broken AS SELECT a FROM short_lived; DROP TABLE short_lived;
CREATE TABLE nokey (a int, b text); INSERT INTO nokey VALUES (1,'x'),(1,'x');
CREATE TABLE uk (a int NOT NULL, b varchar(10) NOT NULL, UNIQUE KEY(a), UNIQUE(b,a)); INSERT INTO uk VALUES (1,'x');
CREATE TABLE dkey (d datetime(6) PRIMARY KEY, v int); INSERT INTO dkey VALUES ('2024-01-02 03:04:05.000600',1);
CREATE TABLE bkey (k binary(16) PRIMARY KEY, v int); INSERT INTO bkey VALUES (x'00112233445566778899aabbccddeeff',1);
CREATE TABLE ekey (k enum('a','b') PRIMARY KEY, v int); INSERT INTO ekey VALUES ('a',1);
CREATE TABLE `we``ird "n'ame` (`i``d` int PRIMARY KEY, `a b` int, `c"d` int, `e'f` int, `日本` int); INSERT INTO `we``ird "n'ame` VALUES (1,2,3,4,5);
