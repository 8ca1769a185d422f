/* The practical limit: what a C extension with the powers of Inotify.watch costs, written as tightly as we can.
 *
 * Events are immutable, shareable between Ractors, and valid for as long as they are held; the name is made when asked
 * for. What a block that is left early did not get, the next call yields. Other descriptors than inotify's are refused
 * before a byte of them is read. Waiting lets other threads and fibers run. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <ruby.h>
#include <ruby/encoding.h>
#include <ruby/io.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { FIRST = 4 << 10, MOST = 64 << 10, LONGEST = sizeof(struct inotify_event) + 256 };

/* What was read of one descriptor and not yielded yet. */
struct queue {
  VALUE io;
  char *bytes;
  size_t capacity, begin, end;
};

static void queue_mark(void *queue) { rb_gc_mark(((struct queue *)queue)->io); }

static void queue_free(void *queue) {
  xfree(((struct queue *)queue)->bytes);
  xfree(queue);
}

static const rb_data_type_t queue_type = {
    "CExtension::Queue", {queue_mark, queue_free}, NULL, NULL, RUBY_TYPED_FREE_IMMEDIATELY};

static const rb_data_type_t event_type = {
    "CExtension::Event",
    {NULL, RUBY_TYPED_DEFAULT_FREE},
    NULL,
    NULL,
    RUBY_TYPED_FREE_IMMEDIATELY | RUBY_TYPED_FROZEN_SHAREABLE | RUBY_TYPED_WB_PROTECTED};

static VALUE event_class, queues;

static struct inotify_event *event_get(VALUE event) { return rb_check_typeddata(event, &event_type); }

static VALUE event_wd(VALUE event) { return INT2NUM(event_get(event)->wd); }
static VALUE event_mask(VALUE event) { return UINT2NUM(event_get(event)->mask); }
static VALUE event_cookie(VALUE event) { return UINT2NUM(event_get(event)->cookie); }
static VALUE event_len(VALUE event) { return UINT2NUM(event_get(event)->len); }

/* On Linux the filesystem encoding is the default external one; both may change while the program runs. */
static VALUE name_string(const struct inotify_event *record) {
  VALUE name = rb_str_new(record->name, strnlen(record->name, record->len));
  int encoding = rb_enc_to_index(rb_default_external_encoding());
  if (encoding < RUBY_ENCODING_INLINE_MAX) RB_ENCODING_SET_INLINED(name, encoding);
  else rb_enc_associate_index(name, encoding);
  return name;
}

static VALUE event_name(VALUE event) {
  const struct inotify_event *record = event_get(event);
  return record->len ? name_string(record) : Qnil;
}

static VALUE event_new(const struct inotify_event *record) {
  size_t size = sizeof *record + record->len;
  struct inotify_event *copy = xmalloc(size);
  memcpy(copy, record, size);
  VALUE event = rb_data_typed_object_wrap(event_class, copy, &event_type);
  RB_OBJ_FREEZE_RAW(event);
  return event;
}

/* An empty path gives ENOENT from an inotify descriptor alone. */
static void check_inotify(int fd) {
  if (inotify_add_watch(fd, "", IN_MODIFY) < 0 && (errno == EBADF || errno == EINVAL)) rb_sys_fail("inotify");
}

static struct queue *queue_of(VALUE fd) {
  VALUE found = rb_hash_lookup(queues, fd);
  struct queue *queue;
  if (!NIL_P(found)) return rb_check_typeddata(found, &queue_type);
  found = TypedData_Make_Struct(rb_cObject, struct queue, &queue_type, queue);
  queue->io = rb_funcall(rb_cIO, rb_intern("for_fd"), 1, fd);
  rb_funcall(queue->io, rb_intern("autoclose="), 1, Qfalse);
  rb_hash_aset(queues, fd, found);
  return queue;
}

/* Answers whether there is something to yield. Never waits. */
static int fill(struct queue *queue, int fd, int blocking) {
  struct pollfd readable = {fd, POLLIN, 0};
  ssize_t length;
  if (queue->begin < queue->end) return 1;
  /* FIONREAD would walk over the whole queue. */
  if (blocking && poll(&readable, 1, 0) <= 0) return 0;
  if (queue->capacity < MOST && queue->end + LONGEST > queue->capacity) {
    queue->capacity = queue->capacity ? MOST : FIRST;
    queue->bytes = xrealloc(queue->bytes, queue->capacity);
  }
  queue->begin = queue->end = 0;
  length = read(fd, queue->bytes, queue->capacity);
  if (length < 0 && errno != EAGAIN && errno != EINTR) rb_sys_fail("read");
  queue->end = length < 0 ? 0 : length;
  return length > 0;
}

static const struct inotify_event *queue_next(struct queue *queue) {
  const struct inotify_event *record = (void *)(queue->bytes + queue->begin);
  return queue->begin < queue->end ? record : NULL;
}

/* watch(fd, timeout = nil) { |event| … } or { |event, name| … }: how many events were yielded. */
static VALUE watch(int argc, VALUE *argv, VALUE self) {
  VALUE rb_fd, timeout;
  rb_scan_args(argc, argv, "11", &rb_fd, &timeout);
  int fd = NUM2INT(rb_fd), pairs = rb_proc_arity(rb_block_proc()) > 1, flags, blocking;
  const struct inotify_event *record;
  struct queue *queue;
  long count = 0;

  check_inotify(fd);
  queue = queue_of(rb_fd);
  flags = fcntl(fd, F_GETFL);
  blocking = !(flags & O_NONBLOCK);
  while (!fill(queue, fd, blocking)) {
    if (!blocking || !RTEST(rb_io_wait(queue->io, INT2FIX(RUBY_IO_READABLE), timeout))) return INT2FIX(0);
  }
  for (; (record = queue_next(queue)); count++) {
    VALUE values[2] = {event_new(record)};
    queue->begin += sizeof *record + record->len;
    if (pairs) {
      values[1] = name_string(record);
      rb_yield_values2(2, values);
    } else {
      rb_yield(values[0]);
    }
  }
  return LONG2NUM(count);
}

static VALUE init(VALUE self) {
  int fd = inotify_init1(IN_CLOEXEC);
  if (fd < 0) rb_sys_fail("inotify_init1");
  return INT2NUM(fd);
}

static VALUE add_watch(VALUE self, VALUE fd, VALUE path, VALUE mask) {
  int wd = inotify_add_watch(NUM2INT(fd), StringValueCStr(path), NUM2UINT(mask));
  if (wd < 0) rb_sys_fail_str(path);
  return INT2NUM(wd);
}

void Init_c_extension(void) {
  VALUE module = rb_define_module("CExtension");
  rb_gc_register_mark_object(queues = rb_hash_new());
  rb_gc_register_mark_object(event_class = rb_define_class_under(module, "Event", rb_cObject));
  rb_undef_alloc_func(event_class);
  rb_define_method(event_class, "wd", event_wd, 0);
  rb_define_method(event_class, "mask", event_mask, 0);
  rb_define_method(event_class, "cookie", event_cookie, 0);
  rb_define_method(event_class, "len", event_len, 0);
  rb_define_method(event_class, "name", event_name, 0);
  rb_define_module_function(module, "init", init, 0);
  rb_define_module_function(module, "add_watch", add_watch, 3);
  rb_define_module_function(module, "watch", watch, -1);
}
