-- Servers keep in memory what everybody may read in repositories with a published version, from which nothing can be
-- taken away. The two things that can still end it are told to them: a repository that becomes private, and a blob that is
-- found damaged.
CREATE FUNCTION envarium_tell_readers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('envarium_public_content', '');
  RETURN NULL;
END $$;

CREATE TRIGGER tell_readers AFTER UPDATE OF "visibility" ON "repository"
  FOR EACH STATEMENT EXECUTE FUNCTION envarium_tell_readers();
CREATE TRIGGER tell_readers AFTER UPDATE OF "state" ON "blob"
  FOR EACH ROW WHEN (OLD."state" = 'ok' AND NEW."state" <> 'ok') EXECUTE FUNCTION envarium_tell_readers();
