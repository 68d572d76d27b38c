import{a as t}from"./shared-XUU3CK5D.js";import"./shared-YOF34G76.js";function n(s,o){let e=t(s,o);return{subscribe(r){return r(e.get()),e.subscribe(()=>r(e.get()))}}}export{n as readable};
