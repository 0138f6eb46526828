// What plugins store gets this project's names: tables auth_*, columns in snake_case.
import type { BetterAuthOptions } from "better-auth";

type Fields = Record<string, { fieldName?: string | undefined }>;
type Model = { modelName?: string | undefined; fields: Fields };

// What keeps better-auth's own name because it had it before: "organization" with all its columns,
// "session.activeOrganizationId" alone.
const kept: readonly string[] = [];

/**
 * Names the tables and columns of plugins and of additional fields; a name that is given stays.
 * A plugin's own name given again looks like none: what is to have that goes into `kept`.
 */
export function named<Options extends BetterAuthOptions>(options: Options): Options {
  const plugins = options.plugins?.map((plugin) => {
    if (plugin.schema === undefined) return plugin;
    const schema = Object.fromEntries(
      Object.entries(plugin.schema).map(([key, model]) => [key, namedModel(key, model as Model)]),
    );
    return { ...plugin, schema };
  });
  return { ...options, ...(plugins && { plugins }), ...withNamedFields(options) };
}

function namedModel(key: string, { modelName = key, fields, ...rest }: Model): Model {
  const isPlain = modelName === key && !kept.includes(key);
  return { ...rest, modelName: isPlain ? `auth_${snakeCase(key)}` : modelName, fields: namedFields(key, fields, true) };
}

function withNamedFields({ user, session, account, verification }: BetterAuthOptions): BetterAuthOptions {
  const models = { user, session, account, verification };
  return Object.fromEntries(
    Object.entries(models).flatMap(([key, model]) =>
      model?.additionalFields ? [[key, { ...model, additionalFields: namedFields(key, model.additionalFields) }]] : [],
    ),
  );
}

function namedFields<Named extends Fields>(model: string, fields: Named, ofPlugin = false): Named {
  const isKept = (key: string): boolean => kept.includes(model) || kept.includes(`${model}.${key}`);
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => {
      // Some plugins give a field the name that it has anyway.
      const given = ofPlugin && field.fieldName === key ? undefined : field.fieldName;
      return [key, { ...field, fieldName: given ?? (isKept(key) ? key : snakeCase(key)) }];
    }),
  ) as Named;
}

/** Returns `two_factor` for `twoFactor`, and `user_id` for `userID`. */
function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}
