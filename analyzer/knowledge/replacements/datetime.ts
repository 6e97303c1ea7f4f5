import type { Replacement } from '../replacement.ts'
import { family, replace, way } from './build.ts'

const kept = 'kept in the module state'

/** A field that is an int, read through the attribute. */
const intField = (name: string, attribute: string) =>
  replace(
    name,
    way(
      `PyObject *v = PyObject_GetAttrString(o, "${attribute}"); long n = PyLong_AsLong(v); Py_XDECREF(v)`,
      'can fail: -1 with an exception; a subclass may override the attribute',
    ),
  )

/** A call of one of the types. */
const construct = (name: string, call: string, differs: string) => replace(name, way(call, differs))

/** Everything of datetime.h, which the Limited API does not have at all. */
export const datetime: readonly Replacement[] = [
  replace(
    ['PyDateTime_IMPORT', '_PyDateTime_IMPORT'],
    way(
      'PyImport_ImportModule("datetime")',
      'take the types from the module once and keep them in the module state; the pointer of the header is one ' +
        'for the ' +
        'process, so wrong with sub-interpreters',
    ),
  ),
  replace(
    ['PyDateTimeAPI', 'PyDateTime_CAPI', 'PyDateTime_CAPSULE_NAME'],
    way(
      'PyImport_ImportModule("datetime")',
      'the types are attributes of the module; the layout of the table in the capsule is not part of the stable ABI',
    ),
  ),
  ...family(
    { PyDate: 'date', PyDateTime: 'datetime', PyTime: 'time', PyDelta: 'timedelta', PyTZInfo: 'tzinfo' },
    (prefix, type) =>
      replace(
        `${prefix}_Check`,
        way(
          `PyObject_TypeCheck(o, state->${type}_type)`,
          `with the type datetime.${type}, ${kept}${type === 'date' ? '; a datetime is a date too, as before' : ''}`,
        ),
      ),
  ),
  ...family(
    { PyDate: 'date', PyDateTime: 'datetime', PyTime: 'time', PyDelta: 'timedelta', PyTZInfo: 'tzinfo' },
    (prefix, type) =>
      replace(
        `${prefix}_CheckExact`,
        way(`Py_TYPE(o) == state->${type}_type`, `with the type datetime.${type}, ${kept}`),
      ),
  ),
  ...family(
    {
      GET_YEAR: 'year',
      GET_MONTH: 'month',
      GET_DAY: 'day',
      DATE_GET_HOUR: 'hour',
      DATE_GET_MINUTE: 'minute',
      DATE_GET_SECOND: 'second',
      DATE_GET_MICROSECOND: 'microsecond',
      DATE_GET_FOLD: 'fold',
      TIME_GET_HOUR: 'hour',
      TIME_GET_MINUTE: 'minute',
      TIME_GET_SECOND: 'second',
      TIME_GET_MICROSECOND: 'microsecond',
      TIME_GET_FOLD: 'fold',
      DELTA_GET_DAYS: 'days',
      DELTA_GET_SECONDS: 'seconds',
      DELTA_GET_MICROSECONDS: 'microseconds',
    },
    (part, attribute) => intField(`PyDateTime_${part}`, attribute),
  ),
  replace(
    [
      'PyDateTime_DATE_GET_TZINFO',
      'PyDateTime_TIME_GET_TZINFO',
      'PyDateTime_DateTime.tzinfo',
      'PyDateTime_Time.tzinfo',
    ],
    way(
      'PyObject_GetAttrString(o, "tzinfo")',
      'a new reference instead of a borrowed one, None if there is none; can fail',
    ),
  ),
  ...family({ days: 0, seconds: 0, microseconds: 0 }, (field) => intField(`PyDateTime_Delta.${field}`, field)),
  ...family({ Date: 'year', DateTime: 'year', Time: 'hour', Delta: 'days', TZInfo: 'utcoffset' }, (type, attribute) =>
    replace(
      `PyDateTime_${type}`,
      way(
        `PyObject_GetAttrString(o, "${attribute}")`,
        'the struct is opaque; each field is an attribute of the Python object; a new reference',
      ),
    ),
  ),

  construct(
    'PyDate_FromDate',
    'PyObject_CallFunction((PyObject *)state->date_type, "iii", year, month, day)',
    `with datetime.date ${kept}`,
  ),
  construct(
    'PyDateTime_FromDateAndTime',
    'PyObject_CallFunction((PyObject *)state->datetime_type, "iiiiiii", year, month, day, hour, minute, second, ' +
      'microsecond)',
    `with datetime.datetime ${kept}`,
  ),
  construct(
    'PyDateTime_FromDateAndTimeAndFold',
    'PyObject_Call((PyObject *)state->datetime_type, args, kwargs)',
    `with datetime.datetime ${kept}; fold is a keyword argument`,
  ),
  construct(
    'PyTime_FromTime',
    'PyObject_CallFunction((PyObject *)state->time_type, "iiii", hour, minute, second, microsecond)',
    `with datetime.time ${kept}`,
  ),
  construct(
    'PyTime_FromTimeAndFold',
    'PyObject_Call((PyObject *)state->time_type, args, kwargs)',
    `with datetime.time ${kept}; fold is a keyword argument`,
  ),
  construct(
    'PyDelta_FromDSU',
    'PyObject_CallFunction((PyObject *)state->timedelta_type, "iii", days, seconds, microseconds)',
    `with datetime.timedelta ${kept}; the result is normalised, as before`,
  ),
  construct(
    'PyTimeZone_FromOffset',
    'PyObject_CallFunctionObjArgs((PyObject *)state->timezone_type, offset, NULL)',
    `with datetime.timezone ${kept}; offset is a timedelta; a zero offset gives the singleton for UTC, as before`,
  ),
  construct(
    'PyTimeZone_FromOffsetAndName',
    'PyObject_CallFunctionObjArgs((PyObject *)state->timezone_type, offset, name, NULL)',
    `with datetime.timezone ${kept}; offset is a timedelta, name a str`,
  ),
  ...family({ PyDate: 'date', PyDateTime: 'datetime' }, (prefix, type) =>
    construct(
      `${prefix}_FromTimestamp`,
      `PyObject *f = PyObject_GetAttrString((PyObject *)state->${type}_type, "fromtimestamp"); ` +
        'PyObject *r = PyObject_CallObject(f, args)',
      `with datetime.${type} ${kept}; args is the tuple of arguments, as before; release f`,
    ),
  ),
  replace(
    'PyDateTime_TimeZone_UTC',
    way(
      'PyObject_GetAttrString((PyObject *)state->timezone_type, "utc")',
      `with datetime.timezone ${kept}; a new reference instead of a borrowed one`,
    ),
  ),
]
