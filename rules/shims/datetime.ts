import type { Shim } from './shim.ts'

const types = { Date: 'date', DateTime: 'datetime', Time: 'time', Delta: 'timedelta', TZInfo: 'tzinfo' } as const
const checks = Object.entries(types).flatMap(
  ([name, type]) =>
    [
      [`${name}_Check`, type, 0],
      [`${name}_CheckExact`, type, 1],
    ] as const,
)

/** What stands after `PyDateTime_`, and the attribute. */
const fields = [
  ['GET_YEAR', 'year'],
  ['GET_MONTH', 'month'],
  ['GET_DAY', 'day'],
  ['DATE_GET_HOUR', 'hour'],
  ['DATE_GET_MINUTE', 'minute'],
  ['DATE_GET_SECOND', 'second'],
  ['DATE_GET_MICROSECOND', 'microsecond'],
  ['DATE_GET_FOLD', 'fold'],
  ['TIME_GET_HOUR', 'hour'],
  ['TIME_GET_MINUTE', 'minute'],
  ['TIME_GET_SECOND', 'second'],
  ['TIME_GET_MICROSECOND', 'microsecond'],
  ['TIME_GET_FOLD', 'fold'],
  ['DELTA_GET_DAYS', 'days'],
  ['DELTA_GET_SECONDS', 'seconds'],
  ['DELTA_GET_MICROSECONDS', 'microseconds'],
] as const

/** The types that have the fields: a subclass may have another attribute of the name. */
const owners: Readonly<Record<string, string>> = { GET: 'date', DATE: 'datetime', TIME: 'time', DELTA: 'timedelta' }
const getField = String.raw`
/* Asked of the type itself, since a subclass may have another attribute of that name. An exception that is set stays. */
static inline PyObject *PepDateTime_GetField(PyObject *object, const char *key, const char *name)
{
    PyObject *error, *value, *traceback, *type, *field, *result = NULL;
    PyErr_Fetch(&error, &value, &traceback);
    type = PepInterpreter_Import(key);
    field = type != NULL ? PyObject_GetAttrString(type, name) : NULL;
    if (field != NULL) {
        result = PyObject_CallMethod(field, "__get__", "(O)", object);
        Py_DECREF(field);
    }
    Py_XDECREF(type);
    if (error != NULL) {
        PyErr_Restore(error, value, traceback);
    }
    return result;
}
`
const casts: Readonly<Record<string, string>> = {
  GET: 'PyDateTime_Date',
  DATE: 'PyDateTime_DateTime',
  TIME: 'PyDateTime_Time',
  DELTA: 'PyDateTime_Delta',
}

/** Without the Limited API the table of datetime.h is fetched by each source file for itself, on first use. */
const include = '#include <datetime.h>\n'
const ready = 'PepDateTime_IMPORT()'

/** A function that runs the real macro once the table is there. */
const real = (type: string, name: string, parameters: string, failed: string, call: string): string =>
  `static inline ${type}${name}(${parameters})\n{\n    return ${ready} == 0 ? ${call} : ${failed};\n}\n`

/** The types in the table of datetime.h, and what Python calls them. */
const typeNames = [
  ['DateType', 'date'],
  ['DateTimeType', 'datetime'],
  ['TimeType', 'time'],
  ['DeltaType', 'timedelta'],
  ['TZInfoType', 'tzinfo'],
] as const

const makers = [
  ['PepDate_FromDate', 'int year, int month, int day', 'year, month, day'],
  [
    'PepDateTime_FromDateAndTime',
    'int year, int month, int day, int hour, int minute, int second, int microsecond',
    'year, month, day, hour, minute, second, microsecond',
  ],
  ['PepTime_FromTime', 'int hour, int minute, int second, int microsecond', 'hour, minute, second, microsecond'],
  ['PepDelta_FromDSU', 'int days, int seconds, int microseconds', 'days, seconds, microseconds'],
] as const
const folded = [
  ['PepDateTime_FromDateAndTimeAndFold', `${makers[1][1]}, int fold`, makers[1][2]],
  ['PepTime_FromTimeAndFold', `${makers[2][1]}, int fold`, makers[2][2]],
] as const

const typeOf = (name: string): string => types[/^Pep([A-Za-z]+)_/.exec(name)![1] as keyof typeof types]

const limitedMakers =
  makers
    .map(
      ([name, parameters, values]) => String.raw`
static inline PyObject *${name}(${parameters})
{
    return PepDateTime_New("pep:datetime.${typeOf(name)}", Py_BuildValue("(${'i'.repeat(values.split(',').length)})", ${values}), NULL);
}`,
    )
    .join('\n') +
  '\n' +
  folded
    .map(
      ([name, parameters, values]) => String.raw`
static inline PyObject *${name}(${parameters})
{
    PyObject *result, *kwargs = Py_BuildValue("{s:i}", "fold", fold);
    if (kwargs == NULL) {
        return NULL;
    }
    result = PepDateTime_New("pep:datetime.${typeOf(name)}", Py_BuildValue("(${'i'.repeat(values.split(',').length)})", ${values}), kwargs);
    Py_DECREF(kwargs);
    return result;
}`,
    )
    .join('\n')

const fullMakers = [
  ...makers,
  ...folded.map(([name, parameters, values]) => [name, parameters, `${values}, fold`] as const),
]
  .map(([name, parameters, values]) =>
    real('PyObject *', name, parameters, 'NULL', `${name.replace('Pep', 'Py')}(${values})`),
  )
  .join('\n')

/** What the functions in the table of datetime.h take before the type, and what the type is called with. */
const tableMakers = [
  ['Date_FromDate', 'int year, int month, int day', 'iii', 'year, month, day', false],
  [
    'DateTime_FromDateAndTime',
    `${makers[1][1]}, PyObject *zone`,
    'iiiiiiiO',
    `${makers[1][2]}, PepDateTime_OrNone(zone)`,
    false,
  ],
  [
    'DateTime_FromDateAndTimeAndFold',
    `${makers[1][1]}, PyObject *zone, int fold`,
    'iiiiiiiO',
    `${makers[1][2]}, PepDateTime_OrNone(zone)`,
    true,
  ],
  ['Time_FromTime', `${makers[2][1]}, PyObject *zone`, 'iiiiO', `${makers[2][2]}, PepDateTime_OrNone(zone)`, false],
  [
    'Time_FromTimeAndFold',
    `${makers[2][1]}, PyObject *zone, int fold`,
    'iiiiO',
    `${makers[2][2]}, PepDateTime_OrNone(zone)`,
    true,
  ],
  ['Delta_FromDelta', `${makers[3][1]}, int normalize`, 'iii', makers[3][2], false],
] as const

const limitedTable = `\
#define PepDateTime_OrNone(zone) ((zone) != NULL ? (zone) : Py_None)

static inline PyObject *PepDateTime_Make(PyTypeObject *type, PyObject *args, int has_fold, int fold)
{
    PyObject *result, *kwargs = NULL;
    if (type == NULL || args == NULL || (has_fold && (kwargs = Py_BuildValue("{s:i}", "fold", fold)) == NULL)) {
        Py_XDECREF(args);
        return NULL;
    }
    result = PyObject_Call((PyObject *)type, args, kwargs);
    Py_DECREF(args);
    Py_XDECREF(kwargs);
    return result;
}
${tableMakers
  .map(([name, parameters, format, values, folds]) => {
    const unused = parameters.endsWith('int normalize') ? '    (void)normalize;\n' : ''
    const call = `PepDateTime_Make(type, Py_BuildValue("(${format})", ${values}), ${folds ? '1, fold' : '0, 0'})`
    const head = `static inline PyObject *PepDateTimeAPI_${name}(${parameters}, PyTypeObject *type)`
    return `\n${head}\n{\n${unused}    return ${call};\n}\n`
  })
  .join('')}
static inline PyObject *PepDateTimeAPI_DateTime_FromTimestamp(PyObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *result = NULL, *method = type != NULL ? PyObject_GetAttrString(type, "fromtimestamp") : NULL;
    if (method != NULL) {
        result = PyObject_Call(method, args, kwargs);
        Py_DECREF(method);
    }
    return result;
}

static inline PyObject *PepDateTimeAPI_Date_FromTimestamp(PyObject *type, PyObject *args)
{
    return PepDateTimeAPI_DateTime_FromTimestamp(type, args, NULL);
}
`

/** datetime.h */
export const datetime: readonly Shim[] = [
  {
    provides: ['PepDateTime_IMPORT'],
    replaces: ['PyDateTime_IMPORT', 'PyDateTimeAPI'],
    until: null,
    since: 2,
    differs:
      'An expression: 0, or -1 with an exception. Need not be called, each shim does what it needs; called once it ' +
      "makes the import's failure show early.",
    cost: 'an import',
    limited: String.raw`
static inline int PepDateTime_IMPORT(void)
{
    PyObject *type = PepInterpreter_Import("pep:datetime.datetime");
    Py_XDECREF(type);
    return type != NULL ? 0 : -1;
}
`,
    full: `${include}${String.raw`
static inline int PepDateTime_IMPORT(void)
{
    if (PyDateTimeAPI == NULL) {
        PyDateTime_IMPORT;
    }
    return PyDateTimeAPI != NULL ? 0 : -1;
}
`}`,
  },
  {
    provides: [
      'PepDateTime_DateType',
      'PepDateTime_DateTimeType',
      'PepDateTime_TimeType',
      'PepDateTime_DeltaType',
      'PepDateTime_TZInfoType',
    ],
    replaces: typeNames.map(([field]) => `PyDateTime_CAPI.${field}`),
    until: null,
    since: 2,
    differs:
      'A borrowed reference, which lives as long as the interpreter; NULL with an exception where `datetime` cannot ' +
      'be imported.',
    cost: 'one lookup in a dict',
    limited: typeNames
      .map(
        ([field, name]) => String.raw`
static inline PyTypeObject *PepDateTime_${field}(void)
{
    PyObject *type = PepInterpreter_Import("pep:datetime.${name}");
    /* The interpreter's dictionary keeps it. */
    Py_XDECREF(type);
    return (PyTypeObject *)type;
}
`,
      )
      .join(''),
    full: typeNames
      .map(([field]) => real('PyTypeObject *', `PepDateTime_${field}`, 'void', 'NULL', `PyDateTimeAPI->${field}`))
      .join('\n'),
  },
  {
    provides: ['PepDateTimeAPI'],
    replaces: [],
    until: null,
    since: 2,
    differs:
      'Only for asking whether it is there: a pointer that is NULL, with an exception, where `datetime` cannot be ' +
      'imported. It imports by itself.',
    cost: 'one lookup in a dict',
    limited: '#define PepDateTimeAPI ((void *)PepDateTime_DateType())',
    full: `${include}#define PepDateTimeAPI PyDateTimeAPI`,
  },
  {
    provides: [`Pep${checks[0]![0]}`, ...checks.slice(1).map(([name]) => `Pep${name}`)],
    replaces: checks.map(([name]) => `Py${name}`),
    until: null,
    since: 2,
    differs: '0 where `datetime` cannot be imported, which is reported as unraisable.',
    cost: 'one lookup in a dict',
    limited: checks
      .map(
        ([name, type, exact]) =>
          `#define Pep${name}(object) PepInterpreter_TypeCheck((PyObject *)(object), "pep:datetime.${type}", ${exact})`,
      )
      .join('\n'),
    full: checks.map(([name]) => real('int ', `Pep${name}`, 'PyObject *object', '0', `Py${name}(object)`)).join('\n'),
  },
  {
    provides: ['PepDateTime_GetField'],
    replaces: [],
    until: null,
    since: 2,
    differs: 'For other shims: a field of a date, a time or a difference of times. A new reference.',
    cost: 'three lookups and a call',
    limited: getField,
    full: getField,
  },
  {
    provides: [
      `PepDateTime_${fields[0][0]}`,
      ...fields.slice(1).map(([name]) => `PepDateTime_${name}`),
      'PepDateTime_GetNumber',
    ],
    replaces: fields.map(([name]) => `PyDateTime_${name}`),
    until: null,
    since: 6,
    differs: '-1 with an exception on failure.',
    cost: 'three lookups and a call',
    limited: String.raw`
static inline int PepDateTime_GetNumber(PyObject *object, const char *key, const char *name)
{
    PyObject *value = PepDateTime_GetField(object, key, name);
    int result = value != NULL ? PepLong_AsInt(value) : -1;
    Py_XDECREF(value);
    return result;
}
${fields
  .map(
    ([name, field]) =>
      `#define PepDateTime_${name}(object) \\\n    PepDateTime_GetNumber((PyObject *)(object), ` +
      `"pep:datetime.${owners[name.split('_')[0]!]!}", "${field}")`,
  )
  .join('\n')}
`,
    full:
      include +
      fields
        .map(
          ([name]) =>
            `#define PepDateTime_${name}(object) PyDateTime_${name}((${casts[name.split('_')[0]!]!} *)(object))`,
        )
        .join('\n'),
  },
  {
    provides: ['PepDateTime_GetZone', 'PepDateTime_DATE_GET_TZINFO', 'PepDateTime_TIME_GET_TZINFO'],
    replaces: ['PyDateTime_DATE_GET_TZINFO', 'PyDateTime_TIME_GET_TZINFO'],
    until: null,
    since: 2,
    differs:
      'Borrowed, as from the real one: the object is kept by the date or time. NULL with an exception on failure.',
    cost: 'three lookups and a call',
    limited: String.raw`
static inline PyObject *PepDateTime_GetZone(PyObject *object, const char *key)
{
    PyObject *zone = PepDateTime_GetField(object, key, "tzinfo");
    Py_XDECREF(zone); /* the date or time holds it */
    return zone;
}
#define PepDateTime_DATE_GET_TZINFO(object) PepDateTime_GetZone((PyObject *)(object), "pep:datetime.datetime")
#define PepDateTime_TIME_GET_TZINFO(object) PepDateTime_GetZone((PyObject *)(object), "pep:datetime.time")
`,
    full: `${include}${String.raw`
#define PepDateTime_DATE_GET_TZINFO(object) \
    (((PyDateTime_DateTime *)(object))->hastzinfo ? ((PyDateTime_DateTime *)(object))->tzinfo : Py_None)
#define PepDateTime_TIME_GET_TZINFO(object) \
    (((PyDateTime_Time *)(object))->hastzinfo ? ((PyDateTime_Time *)(object))->tzinfo : Py_None)
`}`,
  },
  {
    provides: ['PepDateTime_New', ...makers.map(([name]) => name), ...folded.map(([name]) => name)],
    replaces: [...makers, ...folded].map(([name]) => name.replace('Pep', 'Py')),
    until: null,
    since: 6,
    differs: '',
    cost: 'a tuple and a call; a dict for a fold',
    limited: String.raw`
/* Takes the tuple of arguments, which may be NULL. */
static inline PyObject *PepDateTime_New(const char *key, PyObject *args, PyObject *kwargs)
{
    PyObject *result = NULL, *type = args != NULL ? PepInterpreter_Import(key) : NULL;
    if (type != NULL) {
        result = PyObject_Call(type, args, kwargs);
        Py_DECREF(type);
    }
    Py_XDECREF(args);
    return result;
}
${limitedMakers}
`,
    full: fullMakers,
  },
  {
    provides: [
      'PepDateTimeAPI_DateTime_FromDateAndTime',
      ...tableMakers.map(([name]) => `PepDateTimeAPI_${name}`).filter((name) => !/_FromDateAndTime$/.test(name)),
      'PepDateTimeAPI_DateTime_FromTimestamp',
      'PepDateTimeAPI_Date_FromTimestamp',
      'PepDateTime_OrNone',
      'PepDateTime_Make',
    ],
    replaces: [
      ...tableMakers.map(([name]) => `PyDateTime_CAPI.${name}`),
      'PyDateTime_CAPI.DateTime_FromTimestamp',
      'PyDateTime_CAPI.Date_FromTimestamp',
    ],
    until: null,
    since: 2,
    differs:
      'The type is called, with its own `__new__`; a time zone that is none is a TypeError, and differences of times ' +
      'are always normalized.',
    cost: 'a call',
    limited: limitedTable,
    full:
      include +
      [...tableMakers.map(([name]) => name), 'DateTime_FromTimestamp', 'Date_FromTimestamp']
        .map((name) => `#define PepDateTimeAPI_${name} PyDateTimeAPI->${name}`)
        .join('\n'),
  },
  {
    provides: ['PepTimeZone_FromOffset', 'PepTimeZone_FromOffsetAndName'],
    replaces: ['PyTimeZone_FromOffset', 'PyTimeZone_FromOffsetAndName'],
    until: null,
    since: 2,
    differs: '',
    cost: 'a call',
    limited: String.raw`
static inline PyObject *PepTimeZone_FromOffsetAndName(PyObject *offset, PyObject *name)
{
    PyObject *result, *type = PepInterpreter_Import("pep:datetime.timezone");
    if (type == NULL) {
        return NULL;
    }
    result = PyObject_CallFunctionObjArgs(type, offset, name, (PyObject *)NULL);
    Py_DECREF(type);
    return result;
}

static inline PyObject *PepTimeZone_FromOffset(PyObject *offset)
{
    return PepTimeZone_FromOffsetAndName(offset, NULL);
}
`,
    full: [
      real('PyObject *', 'PepTimeZone_FromOffset', 'PyObject *offset', 'NULL', 'PyTimeZone_FromOffset(offset)'),
      real(
        'PyObject *',
        'PepTimeZone_FromOffsetAndName',
        'PyObject *offset, PyObject *name',
        'NULL',
        'PyTimeZone_FromOffsetAndName(offset, name)',
      ),
    ].join('\n'),
  },
  {
    provides: ['PepDateTime_CallFromTimestamp', 'PepDateTime_FromTimestamp', 'PepDate_FromTimestamp'],
    replaces: ['PyDateTime_FromTimestamp', 'PyDate_FromTimestamp'],
    until: null,
    since: 2,
    differs: '',
    cost: 'a method call',
    limited: String.raw`
static inline PyObject *PepDateTime_CallFromTimestamp(const char *key, PyObject *args)
{
    PyObject *result = NULL, *type = PepInterpreter_Import(key);
    PyObject *method = type != NULL ? PyObject_GetAttrString(type, "fromtimestamp") : NULL;
    if (method != NULL) {
        result = PyObject_Call(method, args, NULL);
        Py_DECREF(method);
    }
    Py_XDECREF(type);
    return result;
}
#define PepDateTime_FromTimestamp(args) PepDateTime_CallFromTimestamp("pep:datetime.datetime", (args))
#define PepDate_FromTimestamp(args) PepDateTime_CallFromTimestamp("pep:datetime.date", (args))
`,
    full: [
      real('PyObject *', 'PepDateTime_FromTimestamp', 'PyObject *args', 'NULL', 'PyDateTime_FromTimestamp(args)'),
      real('PyObject *', 'PepDate_FromTimestamp', 'PyObject *args', 'NULL', 'PyDate_FromTimestamp(args)'),
    ].join('\n'),
  },
  {
    provides: ['PepDateTime_TimeZone_UTC', 'PepDateTime_GetUTC'],
    replaces: ['PyDateTime_TimeZone_UTC'],
    until: null,
    since: 2,
    differs: 'Borrowed, as the real one: the type `timezone` keeps it. NULL with an exception on failure.',
    cost: 'one attribute lookup',
    limited: String.raw`
static inline PyObject *PepDateTime_GetUTC(void)
{
    PyObject *utc, *type = PepInterpreter_Import("pep:datetime.timezone");
    if (type == NULL) {
        return NULL;
    }
    utc = PyObject_GetAttrString(type, "utc");
    Py_DECREF(type);
    Py_XDECREF(utc); /* the type, which cannot be changed, keeps it */
    return utc;
}
#define PepDateTime_TimeZone_UTC PepDateTime_GetUTC()
`,
    full:
      `${real('PyObject *', 'PepDateTime_GetUTC', 'void', 'NULL', 'PyDateTime_TimeZone_UTC')}#define ` +
      `PepDateTime_TimeZone_UTC PepDateTime_GetUTC()`,
  },
]
