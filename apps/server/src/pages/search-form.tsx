import type { VNode } from 'preact';

/** What somebody typed: exactly as typed, so that it can be shown again beside what was wrong with it. */
export interface SearchText {
  readonly doi?: string | undefined;
  readonly output?: string | undefined;
  readonly file?: string | undefined;
  readonly record?: string | undefined;
}

export function SearchForm({ text = {} }: { text?: SearchText }): VNode {
  return (
    <form class="card" action="/what-ran" method="get" role="search">
      <fieldset>
        <legend>What ran this?</legend>
        <div class="fields">
          <Field
            name="doi"
            label="DOI of the article"
            hint="or of the figure itself, as in 10.5555/12345678"
            value={text.doi}
          />
          <Field
            name="output"
            label="Figure, table or number"
            hint='as printed: "Figure 3b", "Table S2"'
            value={text.output}
          />
          <p class="or">or</p>
          <Field
            name="file"
            label="SHA-256 of the figure file"
            hint="as sha256sum prints it: 64 characters"
            value={text.file}
          />
          <Field name="record" label="Record" hint="as in lab/eeg or env-3k7q-9w2x" value={text.record} />
        </div>
      </fieldset>
      <button type="submit">Search</button>
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string | undefined;
}

/** One line of text, with how it is written. */
export function Field({ name, label, hint, value }: FieldProps): VNode {
  return (
    <div>
      <label for={name}>{label}</label>
      <span class="hint" id={`${name}-hint`}>
        {hint}
      </span>
      <input
        type="text"
        id={name}
        name={name}
        value={value ?? ''}
        aria-describedby={`${name}-hint`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
    </div>
  );
}
