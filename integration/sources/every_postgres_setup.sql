CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE EXTENSION ltree;
CREATE SCHEMA crm;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy ☺');
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE DOMAIN amount AS numeric(14,4);
CREATE DOMAIN price AS amount NOT NULL DEFAULT 0;
CREATE TYPE comp AS (a int, b text);
