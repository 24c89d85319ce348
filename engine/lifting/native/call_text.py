"""The text of a built-in function of Python: it reads the arguments of a call, computes, and hands on the results.

Called with (parameters, before, after, arguments): an array of the parameters' numbers; an array of what the results
are added to, or None; the array that they are written to; and the tuple of what the user gave. It answers the first
number that is computed, or None where it does not know an argument for certain, having changed nothing.

It knows a float, a whole number that a float holds exactly, lists and tuples of those, and arrays of float64 in order.
No code of a user's class is ever run, so nothing can change meanwhile.
"""

from __future__ import annotations

from engine.lifting.native.objects import AXES, DATA, DTYPE, FLAGS, IN_ORDER, LENGTHS, TYPE

# The words of `self`, an array, with their types: first of the call, then of Python. After these, of each argument the
# count of its axes, of its numbers, and the length of each axis; of a batch's arguments those of a row.
WORDS = {
    "run": "ptr",  # the function that computes
    "check": "ptr",  # the one that counts the numbers that are not allowed, or null
    "count": "i64",  # of arguments
    "batch": "i64",  # 1 if they have rows, else 0
    "least_rows": "i64",
    "most_rows": "i64",
    "results": "i64",  # how many are handed on
    "first": "i64",  # which of the numbers computed is the first of them
    "by_rows": "i64",  # 1 if so many are computed of every row, and written at once; then they are not added
    "work": "ptr",  # room for numbers, of `run` and of `check`
    "check_work": "ptr",
    "out": "ptr",  # for what they compute
    "pointers": "ptr",  # for where the numbers of each argument are
    "copies": "ptr",  # for numbers out of lists
    "room": "i64",  # for how many of them
    "none": "ptr",
    "float": "ptr",  # types
    "float64": "ptr",
    "int": "ptr",
    "list": "ptr",
    "tuple": "ptr",
    "array": "ptr",
    "dtype": "ptr",  # of an array of float64
    "as_float": "ptr",  # functions
    "as_whole": "ptr",
    "list_size": "ptr",
    "list_item": "ptr",
    "tuple_size": "ptr",
    "tuple_item": "ptr",
    "make_float": "ptr",
    "keep": "ptr",
}
MOST_EXACT = 2**53  # whole numbers up to here are floats


def _words(*names: str) -> str:
    """The lines that load words of `self`."""
    places = [*WORDS]
    return "".join(
        f"""
  %{name}.a = getelementptr i64, ptr %words, i64 {places.index(name)}
  %{name} = load {WORDS[name]}, ptr %{name}.a"""
        for name in names
    )


# Numbers out of a number, or out of lists in lists: where the next ones go, or null
_NUMBERS = f"""
define internal ptr @numbers(ptr %words, ptr %x, ptr %lengths, i64 %axes, ptr %to) {{
start:{_words("float", "float64", "int", "list", "tuple")}
  %beyond.a = alloca i32
  %type.a = getelementptr i8, ptr %x, i64 {TYPE}
  %type = load ptr, ptr %type.a
  %is_number = icmp eq i64 %axes, 0
  br i1 %is_number, label %number, label %row

number:
  %is_float = icmp eq ptr %type, %float
  %is_float64 = icmp eq ptr %type, %float64
  %is_real = or i1 %is_float, %is_float64
  br i1 %is_real, label %real, label %whole
real:{_words("as_float")}
  %of_float = call double %as_float(ptr %x)
  br label %known
whole:
  %is_int = icmp eq ptr %type, %int
  br i1 %is_int, label %integer, label %unknown
integer:{_words("as_whole")}
  %n = call i64 %as_whole(ptr %x, ptr %beyond.a)
  %beyond = load i32, ptr %beyond.a
  %is_held = icmp eq i32 %beyond, 0
  %shifted = add i64 %n, {MOST_EXACT}
  %is_small = icmp ule i64 %shifted, {2 * MOST_EXACT}
  %is_exact = and i1 %is_held, %is_small
  %of_int = sitofp i64 %n to double
  br i1 %is_exact, label %known, label %unknown
known:
  %value = phi double [ %of_float, %real ], [ %of_int, %integer ]
  store double %value, ptr %to
  %after = getelementptr double, ptr %to, i64 1
  ret ptr %after

row:
  %is_list = icmp eq ptr %type, %list
  %is_tuple = icmp eq ptr %type, %tuple
  %is_row = or i1 %is_list, %is_tuple
  br i1 %is_row, label %sized, label %unknown
sized:{_words("list_size", "list_item", "tuple_size", "tuple_item")}
  %size_of = select i1 %is_list, ptr %list_size, ptr %tuple_size
  %item_of = select i1 %is_list, ptr %list_item, ptr %tuple_item
  %size = call i64 %size_of(ptr %x)
  %length = load i64, ptr %lengths
  %is_right = icmp eq i64 %size, %length
  br i1 %is_right, label %items, label %unknown
items:
  %lengths.inner = getelementptr i64, ptr %lengths, i64 1
  %axes.inner = sub i64 %axes, 1
  br label %item
item:
  %k = phi i64 [ 0, %items ], [ %k.next, %next ]
  %to.k = phi ptr [ %to, %items ], [ %to.next, %next ]
  %is_more = icmp slt i64 %k, %size
  br i1 %is_more, label %one, label %all
one:
  %part = call ptr %item_of(ptr %x, i64 %k)
  %to.next = call ptr @numbers(ptr %words, ptr %part, ptr %lengths.inner, i64 %axes.inner, ptr %to.k)
  %k.next = add i64 %k, 1
  %is_none = icmp eq ptr %to.next, null
  br i1 %is_none, label %unknown, label %next
next:
  br label %item
all:
  ret ptr %to.k
unknown:
  ret ptr null
}}
"""

# Where the numbers of an array are, and how many rows it has; null where they do not lie in order
_ARRAY = f"""
define internal ptr @array(ptr %words, ptr %x, ptr %lengths, i64 %axes, ptr %rows) {{
start:{_words("dtype", "batch")}
  %has.a = getelementptr i8, ptr %x, i64 {DTYPE}
  %has = load ptr, ptr %has.a
  %is_float = icmp eq ptr %has, %dtype
  %flags.a = getelementptr i8, ptr %x, i64 {FLAGS}
  %flags = load i32, ptr %flags.a
  %order = and i32 %flags, {IN_ORDER}
  %is_in_order = icmp eq i32 %order, {IN_ORDER}
  %axes.a = getelementptr i8, ptr %x, i64 {AXES}
  %axes.given = load i32, ptr %axes.a
  %axes.wide = zext i32 %axes.given to i64
  %axes.all = add i64 %axes, %batch
  %is_alike = icmp eq i64 %axes.wide, %axes.all
  %is_plain = and i1 %is_float, %is_in_order
  %is_known = and i1 %is_plain, %is_alike
  br i1 %is_known, label %shape, label %unknown
shape:
  %shape.a = getelementptr i8, ptr %x, i64 {LENGTHS}
  %shape.all = load ptr, ptr %shape.a
  %of_row = getelementptr i64, ptr %shape.all, i64 %batch
  %is_batch = icmp ne i64 %batch, 0
  br i1 %is_batch, label %count, label %axis
count:
  %n = load i64, ptr %shape.all
  store i64 %n, ptr %rows
  br label %axis
axis:
  %k = phi i64 [ 0, %shape ], [ 0, %count ], [ %k.next, %right ]
  %is_more = icmp slt i64 %k, %axes
  br i1 %is_more, label %compare, label %all
compare:
  %there.a = getelementptr i64, ptr %of_row, i64 %k
  %there = load i64, ptr %there.a
  %length.a = getelementptr i64, ptr %lengths, i64 %k
  %length = load i64, ptr %length.a
  %k.next = add i64 %k, 1
  %is_right = icmp eq i64 %there, %length
  br i1 %is_right, label %right, label %unknown
right:
  br label %axis
all:
  %data.a = getelementptr i8, ptr %x, i64 {DATA}
  %data = load ptr, ptr %data.a
  ret ptr %data
unknown:
  ret ptr null
}}
"""

# How long a list or tuple is; -1 of anything else
_LENGTH = f"""
define internal i64 @length(ptr %words, ptr %x) {{
start:{_words("list", "tuple", "list_size", "tuple_size")}
  %type.a = getelementptr i8, ptr %x, i64 {TYPE}
  %type = load ptr, ptr %type.a
  %is_list = icmp eq ptr %type, %list
  br i1 %is_list, label %of_list, label %other
of_list:
  %n = call i64 %list_size(ptr %x)
  ret i64 %n
other:
  %is_tuple = icmp eq ptr %type, %tuple
  br i1 %is_tuple, label %of_tuple, label %unknown
of_tuple:
  %m = call i64 %tuple_size(ptr %x)
  ret i64 %m
unknown:
  ret i64 -1
}}
"""

_RUN = f"""
define ptr @run(ptr %self, ptr %given, i64 %n) {{
start:
  %words.a = getelementptr i8, ptr %self, i64 {DATA}
  %words = load ptr, ptr %words.a{_words("count", "batch", "none", "array", "pointers", "copies", "room", "tuple_size")}
  %parameters.a = load ptr, ptr %given
  %parameters.d = getelementptr i8, ptr %parameters.a, i64 {DATA}
  %parameters = load ptr, ptr %parameters.d
  %arguments.a = getelementptr ptr, ptr %given, i64 3
  %arguments = load ptr, ptr %arguments.a
  %is_batch = icmp ne i64 %batch, 0
  %rows.a = alloca i64
  store i64 1, ptr %rows.a
  %end = getelementptr double, ptr %copies, i64 %room
  %arguments.n = call i64 %tuple_size(ptr %arguments)
  %is_count = icmp eq i64 %arguments.n, %count
  br i1 %is_count, label %argument, label %unknown

argument:
  %k = phi i64 [ 0, %start ], [ %k.next, %there ]
  %place = phi i64 [ {len(WORDS)}, %start ], [ %place.next, %there ]
  %copy = phi ptr [ %copies, %start ], [ %copy.next, %there ]
  %rows = phi i64 [ -1, %start ], [ %rows.here, %there ]
  %is_more = icmp slt i64 %k, %count
  br i1 %is_more, label %one, label %all
one:{_words("tuple_item")}
  %x = call ptr %tuple_item(ptr %arguments, i64 %k)
  %axes.a = getelementptr i64, ptr %words, i64 %place
  %axes = load i64, ptr %axes.a
  %numbers.a = getelementptr i64, ptr %axes.a, i64 1
  %numbers = load i64, ptr %numbers.a
  %lengths = getelementptr i64, ptr %axes.a, i64 2
  %pointer = getelementptr ptr, ptr %pointers, i64 %k
  %type.a = getelementptr i8, ptr %x, i64 {TYPE}
  %type = load ptr, ptr %type.a
  %is_array = icmp eq ptr %type, %array
  br i1 %is_array, label %of_array, label %of_list
of_array:
  %data = call ptr @array(ptr %words, ptr %x, ptr %lengths, i64 %axes, ptr %rows.a)
  store ptr %data, ptr %pointer
  %is_data = icmp ne ptr %data, null
  br i1 %is_data, label %read, label %unknown
of_list:
  store ptr %copy, ptr %pointer
  br i1 %is_batch, label %list_of_rows, label %sample
sample:
  %copied = call ptr @numbers(ptr %words, ptr %x, ptr %lengths, i64 %axes, ptr %copy)
  %is_copied = icmp ne ptr %copied, null
  br i1 %is_copied, label %read, label %unknown
list_of_rows:{_words("list_item", "list", "most_rows")}
  %length = call i64 @length(ptr %words, ptr %x)
  store i64 %length, ptr %rows.a
  %is_few = icmp ule i64 %length, %most_rows
  %needed = mul i64 %length, %numbers
  %copy.end = getelementptr double, ptr %copy, i64 %needed
  %fits = icmp ule ptr %copy.end, %end
  %is_possible = and i1 %is_few, %fits
  br i1 %is_possible, label %rows_begin, label %unknown
rows_begin:
  %is_list = icmp eq ptr %type, %list
  %item_of = select i1 %is_list, ptr %list_item, ptr %tuple_item
  br label %row
row:
  %r = phi i64 [ 0, %rows_begin ], [ %r.next, %row_read ]
  %to = phi ptr [ %copy, %rows_begin ], [ %to.next, %row_read ]
  %is_row = icmp slt i64 %r, %length
  br i1 %is_row, label %row_there, label %read
row_there:
  %part = call ptr %item_of(ptr %x, i64 %r)
  %to.next = call ptr @numbers(ptr %words, ptr %part, ptr %lengths, i64 %axes, ptr %to)
  %r.next = add i64 %r, 1
  %is_read = icmp ne ptr %to.next, null
  br i1 %is_read, label %row_read, label %unknown
row_read:
  br label %row
read:
  %copy.next = phi ptr [ %copy, %of_array ], [ %copied, %sample ], [ %to, %row ]
  %rows.here = load i64, ptr %rows.a
  %is_first = icmp eq i64 %rows, -1
  %is_same = icmp eq i64 %rows, %rows.here
  %agrees = or i1 %is_first, %is_same
  br i1 %agrees, label %there, label %unknown
there:
  %k.next = add i64 %k, 1
  %place.after = add i64 %place, 2
  %place.next = add i64 %place.after, %axes
  br label %argument

all:{_words("least_rows")}
  %rows.all = load i64, ptr %rows.a
  %most.a = getelementptr i64, ptr %words, i64 {[*WORDS].index("most_rows")}
  %most = load i64, ptr %most.a
  %is_enough = icmp sge i64 %rows.all, %least_rows
  %is_bounded = icmp sle i64 %rows.all, %most
  %is_right = and i1 %is_enough, %is_bounded
  br i1 %is_right, label %room_for, label %unknown
room_for:{_words("by_rows", "results")}
  %after.a = getelementptr ptr, ptr %given, i64 2
  %after = load ptr, ptr %after.a
  %after.d = getelementptr i8, ptr %after, i64 {DATA}
  %to.results = load ptr, ptr %after.d
  %after.l = getelementptr i8, ptr %after, i64 {LENGTHS}
  %after.lengths = load ptr, ptr %after.l
  %after.length = load i64, ptr %after.lengths
  %is_by_rows = icmp ne i64 %by_rows, 0
  %needs = select i1 %is_by_rows, i64 %rows.all, i64 %results
  %has_room = icmp eq i64 %after.length, %needs
  br i1 %has_room, label %allow, label %unknown
allow:{_words("check", "out")}
  %is_free = icmp eq ptr %check, null
  br i1 %is_free, label %compute, label %look
look:{_words("check_work")}
  call void %check(ptr %parameters, ptr %pointers, ptr %check_work, ptr %out, i64 %rows.all)
  %refused = load double, ptr %out
  %is_allowed = fcmp oeq double %refused, 0.0
  br i1 %is_allowed, label %compute, label %unknown

compute:{_words("run", "work", "first", "make_float")}
  %computed = select i1 %is_by_rows, ptr %to.results, ptr %out
  call void %run(ptr %parameters, ptr %pointers, ptr %work, ptr %computed, i64 %rows.all)
  br i1 %is_by_rows, label %done, label %results_there
results_there:
  %results.from = getelementptr double, ptr %out, i64 %first
  %before.a = getelementptr ptr, ptr %given, i64 1
  %before = load ptr, ptr %before.a
  %is_alone = icmp eq ptr %before, %none
  br i1 %is_alone, label %hand_on, label %add
hand_on:
  %bytes = mul i64 %results, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %to.results, ptr %results.from, i64 %bytes, i1 false)
  br label %done
add:
  %before.d = getelementptr i8, ptr %before, i64 {DATA}
  %of_before = load ptr, ptr %before.d
  br label %sum
sum:
  %i = phi i64 [ 0, %add ], [ %i.next, %sum_one ]
  %is_result = icmp slt i64 %i, %results
  br i1 %is_result, label %sum_one, label %done
sum_one:
  %u.a = getelementptr double, ptr %of_before, i64 %i
  %u = load double, ptr %u.a
  %v.a = getelementptr double, ptr %results.from, i64 %i
  %v = load double, ptr %v.a
  %w = fadd double %u, %v
  %w.a = getelementptr double, ptr %to.results, i64 %i
  store double %w, ptr %w.a
  %i.next = add i64 %i, 1
  br label %sum
done:
  %value = load double, ptr %computed
  %answer = call ptr %make_float(double %value)
  ret ptr %answer

unknown:{_words("keep")}
  call void %keep(ptr %none)
  ret ptr %none
}}
"""

TEXT = f"""
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
{_NUMBERS}{_ARRAY}{_LENGTH}{_RUN}"""
